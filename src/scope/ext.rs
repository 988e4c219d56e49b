//! The three methods that put a value into a context, on futures and streams.

use super::capture::Capture;
use super::carried::Carried;
use super::in_context::InContext;
use super::stream::StreamInContext;
use crate::context::NoContext;
use crate::context::RequestContext;
use futures_core::Stream;

/// Puts a future into a context.
pub trait ContextExt: Future + Sized {
    /// Runs the future in exactly `context`, without a span.
    fn in_context(self, context: RequestContext) -> InContext<Self> {
        context.scope(self)
    }

    /// Carries the future: it runs in the context and span that are current **at this call**.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line.
    #[track_caller]
    fn in_current_context(self) -> Carried<Self> {
        Carried::new(Capture::current(), self)
    }

    /// Carries the future, as [`in_current_context`](Self::in_current_context) does.
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; the future is dropped.
    fn try_in_current_context(self) -> Result<Carried<Self>, NoContext> {
        Capture::try_current().map(|capture| Carried::new(capture, self))
    }
}

impl<F: Future> ContextExt for F {}

/// Puts a stream, and the sink that it may also be, into a context.
///
/// ```
/// use futures::StreamExt;
/// use futures::stream;
/// use request_context::ContextStreamExt;
/// use request_context::RequestContext;
///
/// # futures::executor::block_on(async {
/// let context = RequestContext::new();
/// let lines = stream::repeat_with(|| RequestContext::current().request_id().clone()).take(2);
/// let lines = context.clone().sync_scope(|| lines.in_current_context());
///
/// // Polled here, outside the scope, as a server polls a response after the handler returned:
/// assert_eq!(lines.collect::<Vec<_>>().await, vec![context.request_id().clone(); 2]);
/// # });
/// ```
pub trait ContextStreamExt: Stream + Sized {
    /// Runs the stream in exactly `context`, without a span.
    fn in_context(self, context: RequestContext) -> StreamInContext<Self> {
        StreamInContext::new(context, self)
    }

    /// Carries the stream: it runs in the context and span that are current **at this call**.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line.
    #[track_caller]
    fn in_current_context(self) -> StreamInContext<Self> {
        StreamInContext::captured(Capture::current(), self)
    }

    /// Carries the stream, as [`in_current_context`](Self::in_current_context) does.
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; the stream is dropped.
    fn try_in_current_context(self) -> Result<StreamInContext<Self>, NoContext> {
        Capture::try_current().map(|capture| StreamInContext::captured(capture, self))
    }
}

impl<S: Stream> ContextStreamExt for S {}
