//! The ends of requests, as the hook is told of them.

use super::here;
use super::soon;
use super::whose;
use request_context::tower::EndOfRequest;
use request_context::tower::EndReason;
use std::time::Duration;
use tokio::sync::mpsc;
use tracing::Metadata;
use tracing::Span;

/// What the hook was told, and where it was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) reason: EndReason,
    pub(crate) status: Option<u16>,
    pub(crate) bytes: u64,
    pub(crate) duration: Duration,
    /// The request ID of the context that the hook ran in, or "nowhere".
    pub(crate) id: String,
    /// The user of that context.
    pub(crate) user: String,
    /// The name of the span that the hook ran in.
    pub(crate) span: Option<&'static str>,
}

impl End {
    pub(crate) fn what(&self) -> (EndReason, Option<u16>, u64) {
        (self.reason, self.status, self.bytes)
    }
}

pub(crate) struct Ends(mpsc::UnboundedReceiver<End>);

/// A hook, and what it will be told.
pub(crate) fn ends() -> (impl Fn(&EndOfRequest) + Clone + Send + Sync + 'static, Ends) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let hook = move |end: &EndOfRequest| {
        // The test may be over.
        let _ = sender.send(End {
            reason: end.reason(),
            status: end.status().map(|status| status.as_u16()),
            bytes: end.body_bytes(),
            duration: end.duration(),
            id: here(),
            user: whose(),
            span: Span::current().metadata().map(Metadata::name),
        });
    };
    (hook, Ends(receiver))
}

impl Ends {
    pub(crate) async fn next(&mut self) -> End {
        soon(self.0.recv()).await.unwrap()
    }

    /// The ends told of until now and not yet taken.
    pub(crate) fn told(&mut self) -> Vec<End> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }

    /// The only end told of until now.
    #[track_caller]
    pub(crate) fn only(&mut self) -> End {
        let mut told = self.told();
        assert_eq!(told.len(), 1, "{told:#?}");
        told.remove(0)
    }
}
