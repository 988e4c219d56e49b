//! Told once how a request ended.

use crate::context::Identity;
use crate::context::RequestContext;
use crate::scope::Capture;
use crate::scope::CarriedSpan;
use http::HeaderMap;
use http::Method;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
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
    /// What the user gave panicked, and what was left was dropped: what the layer asks of a request,
    /// the inner service, the body. Not if only a destructor did so as the rest was dropped.
    Panicked,
    /// The future was dropped without having been polled once.
    NeverPolled,
}

/// The context and span of a request to its end, and who is told of that: at the latest when this is
/// dropped.
#[derive(Debug)]
pub(super) struct Ending<H: OnEnd> {
    pub(super) capture: Capture,
    /// `None` without a hook, and once it was called.
    notes: Option<Notes<H>>,
    /// How many sign-ins the context knows of.
    sign_ins: u64,
    is_over: bool,
}

/// What the hook is to know.
#[derive(Debug)]
pub(super) struct Notes<H> {
    hook: Arc<H>,
    began: Instant,
    /// Whether no body is sent, whatever there is of one.
    has_no_body: bool,
    status: Option<StatusCode>,
    body_bytes: u64,
    /// How many there are in all, if that is known.
    length: Option<u64>,
    /// The reason, should nothing else be heard.
    if_dropped: EndReason,
    /// Whether the user's code runs: it stays so if that panics.
    is_inside: AtomicBool,
}

impl<H: OnEnd> Notes<H> {
    /// Nothing for a hook that is not told.
    pub(super) fn begin(hook: &Arc<H>, method: &Method) -> Option<Self> {
        H::IS_TOLD.then(|| Self {
            hook: Arc::clone(hook),
            began: Instant::now(),
            has_no_body: method == Method::HEAD,
            status: None,
            body_bytes: 0,
            length: None,
            if_dropped: EndReason::NeverPolled,
            is_inside: AtomicBool::new(false),
        })
    }

    fn responded(&mut self, status: StatusCode, length: Option<u64>, is_at_end: bool) {
        self.has_no_body |= has_no_body(status);
        self.length = length;
        // A server drops such a body without a look at it.
        let is_complete = self.has_no_body || length == Some(0) || is_at_end;
        self.status = Some(status);
        self.if_dropped = if is_complete { EndReason::Complete } else { EndReason::Dropped };
    }
}

impl<H: OnEnd> Ending<H> {
    pub(super) fn new(capture: Capture, notes: Option<Notes<H>>) -> Self {
        Self { capture, notes, sign_ins: 0, is_over: false }
    }

    /// Of no request.
    pub(super) fn over(capture: Capture) -> Self {
        Self { capture, notes: None, sign_ins: 0, is_over: true }
    }

    /// Goes on with `identity`.
    pub(super) fn is_for(&mut self, identity: Identity) {
        self.capture.context.identify(identity);
        let context = &self.capture.context;
        if context.liveness().is_shared() {
            // A subscriber is to see it recorded in the context.
            context.clone().sync_scope(|| context.liveness().identified(context));
        }
    }

    /// Runs `f`, which is the user's, in the context.
    #[inline]
    pub(super) fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let Some(notes) = &self.notes else { return self.capture.enter(f) };
        notes.is_inside.store(true, Relaxed);
        let result = self.capture.enter(f);
        notes.is_inside.store(false, Relaxed);
        result
    }

    /// The user's code panicked before it could be entered.
    pub(super) fn panicked(&self) {
        if let Some(notes) = &self.notes {
            notes.is_inside.store(true, Relaxed);
        }
    }

    pub(super) fn polled(&mut self) {
        if let Some(notes) = &mut self.notes {
            notes.if_dropped = EndReason::Dropped;
        }
    }

    /// Goes on with who has signed in since.
    #[inline]
    pub(super) fn catch_up(&mut self) {
        if let Some((latest, sign_ins)) = self.capture.context.if_signed_in(self.sign_ins) {
            self.capture.context = latest;
            self.sign_ins = sign_ins;
        }
    }

    /// A response has come, with a body of so many bytes, if that is known.
    pub(super) fn responded(&mut self, status: StatusCode, length: Option<u64>, is_at_end: bool) {
        if let Some(notes) = &mut self.notes {
            notes.responded(status, length, is_at_end);
        }
    }

    /// The body gave so many bytes.
    pub(super) fn sent(&mut self, bytes: usize) {
        let Some(notes) = &mut self.notes else { return };
        notes.body_bytes += bytes as u64;
        if notes.has_no_body {
            return;
        }
        // With the last one the server may drop the body; or ask for trailers.
        let has_all = notes.length == Some(notes.body_bytes);
        notes.if_dropped = if has_all { EndReason::Complete } else { EndReason::Dropped };
    }

    pub(super) fn end(&mut self, reason: EndReason) {
        if !self.is_over {
            let span = self.capture.span.clone();
            self.end_after((), span, Some(reason));
        }
    }

    /// Drops what is left of the request in its context, and is over, if it was not before.
    #[inline]
    pub(super) fn drop_in<T>(&mut self, rest: T) {
        let span = self.capture.take_span();
        if self.is_over {
            Capture::new(self.capture.context.clone(), span).drop_in(rest);
        } else {
            self.end_after(rest, span, None);
        }
    }

    #[inline]
    fn end_after<T>(&mut self, rest: T, span: CarriedSpan, reason: Option<EndReason>) {
        self.is_over = true;
        let context = &self.capture.context;
        // Dropped last and inside, since a span may end by it; also if the hook panics.
        let ended = Ended(context);
        let told = self.notes.take().map(|notes| Told { notes, reason });
        let latest = if H::IS_TOLD { context.if_signed_in(self.sign_ins) } else { None };
        match latest {
            None => Capture::new(context.clone(), span).drop_in((rest, told, ended)),
            Some((latest, _)) => {
                let last = (Capture::new(latest, span.clone()), (told, ended));
                let _last = DroppedIn(Some(last));
                Capture::new(context.clone(), span).drop_in(rest);
            }
        }
    }
}

/// Drops a value in a context, also if something else panics before.
struct DroppedIn<T>(Option<(Capture, T)>);

impl<T> Drop for DroppedIn<T> {
    fn drop(&mut self) {
        if let Some((capture, value)) = self.0.take() {
            capture.drop_in(value);
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
struct Told<H: OnEnd> {
    notes: Notes<H>,
    reason: Option<EndReason>,
}

impl<H: OnEnd> Drop for Told<H> {
    fn drop(&mut self) {
        let notes = &self.notes;
        let is_inside = notes.is_inside.load(Relaxed);
        let if_dropped = if is_inside { EndReason::Panicked } else { notes.if_dropped };
        notes.hook.on_end(&EndOfRequest {
            reason: self.reason.unwrap_or(if_dropped),
            status: notes.status,
            duration: notes.began.elapsed(),
            body_bytes: notes.body_bytes,
        });
    }
}

impl<H: OnEnd> Drop for Ending<H> {
    fn drop(&mut self) {
        // Also the end of the span is to be seen in the context.
        if !self.is_over || !self.capture.span.is_disabled() {
            self.drop_in(());
        }
    }
}

/// RFC 9110, section 6.4.1.
fn has_no_body(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// What the handler says of the length, where the body does not know it.
pub(super) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
