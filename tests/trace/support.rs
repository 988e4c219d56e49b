//! A subscriber whose lines can be read back.

use crate::logged_lines::LoggedLines;
use request_context::LogLayer;
use request_context::RequestContext;
use serde_json::Value;
use tracing_subscriber::prelude::*;

impl LoggedLines {
    pub(crate) fn only(&self) -> Value {
        let mut all = self.all();
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }
}

/// What `f` logs through `layer`, on this thread.
pub(crate) fn logged_by<W, T>(layer: LogLayer<W, T>, f: impl FnOnce()) -> LoggedLines
where
    LogLayer<LoggedLines, T>: tracing_subscriber::Layer<tracing_subscriber::Registry> + Send + Sync,
{
    let lines = LoggedLines::default();
    let subscriber = tracing_subscriber::registry().with(layer.with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, f);
    lines
}

/// What `f` logs as JSON, on this thread.
pub(crate) fn logged(f: impl FnOnce()) -> LoggedLines {
    logged_by(LogLayer::json(), f)
}

/// A context with all three IDs.
pub(crate) fn ada() -> RequestContext {
    RequestContext::builder()
        .request_id("r-1".parse().unwrap())
        .session("s-1".parse().unwrap())
        .user("ada".parse().unwrap())
        .build()
}
