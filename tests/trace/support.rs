//! A subscriber whose lines can be read back.

use request_context::LogLayer;
use request_context::RequestContext;
use serde_json::Value;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn all(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    pub(crate) fn only(&self) -> Value {
        let mut all = self.all();
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What `f` logs through `layer`, on this thread.
pub(crate) fn logged_by<W, T>(layer: LogLayer<W, T>, f: impl FnOnce()) -> Lines
where
    LogLayer<Lines, T>: tracing_subscriber::Layer<tracing_subscriber::Registry> + Send + Sync,
{
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(layer.with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, f);
    lines
}

/// What `f` logs as JSON, on this thread.
pub(crate) fn logged(f: impl FnOnce()) -> Lines {
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
