//! Told once how a request ended.

use crate::context::RequestContext;
use crate::scope::Capture;
use http::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

/// Told once, at the end of each request, in its context and span.
///
/// If someone signed in meanwhile, the context is the one since then. Any `Fn(&EndOfRequest)` is one.
/// It may be called from a destructor: it must not panic, and it should not take long. While a thread
/// is torn down it is called without a context.
pub trait OnEnd {
    /// Whether anyone listens: what only the hook needs is left out if not.
    #[doc(hidden)]
    const IS_TOLD: bool = true;

    /// Called when the request is over.
    fn on_end(&self, end: &EndOfRequest);
}

impl<F: Fn(&EndOfRequest)> OnEnd for F {
    fn on_end(&self, end: &EndOfRequest) {
        self(end);
    }
}

/// The hook of a layer that was given none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHook;

impl OnEnd for NoHook {
    const IS_TOLD: bool = false;

    fn on_end(&self, _: &EndOfRequest) {}
}

/// How a request ended.
#[derive(Clone, Debug)]
pub struct EndOfRequest {
    reason: EndReason,
    status: Option<StatusCode>,
    duration: Duration,
    body_bytes: u64,
}

impl EndOfRequest {
    /// Why it is over.
    #[must_use]
    pub fn reason(&self) -> EndReason {
        self.reason
    }

    /// The status of the response, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The time since the layer was called.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// How many bytes of the response body were handed to the server, before any encoding further
    /// out.
    #[must_use]
    pub fn body_bytes(&self) -> u64 {
        self.body_bytes
    }
}

/// Why a request is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// The response was handed over to its end; or it has no body that anyone would read.
    Complete,
    /// The response body failed.
    BodyError,
    /// The inner service failed; there is no response.
    ServiceError,
    /// The future or the body was dropped before its end: the client went away, or a timeout.
    Dropped,
    /// The future was dropped without having been polled once.
    NeverPolled,
}

/// Calls the hook, at the latest when it is dropped itself.
#[derive(Debug)]
pub(super) struct Ending<H: OnEnd> {
    /// What the hook runs in. `None` once it was called.
    capture: Option<Capture>,
    hook: Arc<H>,
    began: Option<Instant>,
    status: Option<StatusCode>,
    body_bytes: u64,
    /// The reason, should nothing else be heard.
    if_dropped: EndReason,
}

impl<H: OnEnd> Ending<H> {
    pub(super) fn new(capture: Capture, hook: Arc<H>, began: Option<Instant>) -> Self {
        Self {
            capture: Some(capture),
            hook,
            began,
            status: None,
            body_bytes: 0,
            if_dropped: EndReason::NeverPolled,
        }
    }

    /// The context has changed: the user is known now.
    pub(super) fn is_for(&mut self, capture: &Capture) {
        self.capture = Some(capture.clone());
    }

    pub(super) fn polled(&mut self) {
        self.if_dropped = EndReason::Dropped;
    }

    /// A response has come; `is_complete` if no one will poll its body.
    pub(super) fn responded(&mut self, status: StatusCode, is_complete: bool) {
        self.status = Some(status);
        self.if_dropped = if is_complete { EndReason::Complete } else { EndReason::Dropped };
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        self.if_dropped = EndReason::Dropped;
        self.body_bytes += bytes as u64;
    }

    /// All bytes are there; only trailers may follow.
    pub(super) fn has_all(&mut self) {
        self.if_dropped = EndReason::Complete;
    }

    pub(super) fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    pub(super) fn end(&mut self, reason: EndReason) {
        let Some(Capture { context, span }) = self.capture.take() else { return };
        // Ended also if the hook panics.
        let _ended = Ended(&context);
        if let Some(began) = self.began {
            let end = EndOfRequest {
                reason,
                status: self.status,
                duration: began.elapsed(),
                body_bytes: self.body_bytes,
            };
            let latest = Capture::new(context.since_sign_in(), span);
            latest.drop_in(Told { hook: &*self.hook, end });
        }
    }
}

struct Ended<'a>(&'a RequestContext);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.liveness().end();
    }
}

/// Tells the hook when it is dropped: that can be done in the context also while the thread's local
/// storage is torn down, where it is then done without one.
struct Told<'a, H: OnEnd> {
    hook: &'a H,
    end: EndOfRequest,
}

impl<H: OnEnd> Drop for Told<'_, H> {
    fn drop(&mut self) {
        self.hook.on_end(&self.end);
    }
}

impl<H: OnEnd> Drop for Ending<H> {
    fn drop(&mut self) {
        self.end(self.if_dropped);
    }
}
