//! A stream or a sink in a context.

use super::capture::Capture;
use super::held::Held;
use crate::context::NoContext;
use crate::context::RequestContext;
use futures_core::FusedStream;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

pin_project! {
    /// A stream, a sink, or both, as `S` is: every call goes to `S` in its context, and `S` is
    /// dropped in its context.
    ///
    /// From [`ContextStreamExt`](crate::ContextStreamExt); [`StreamInContext::new`] and
    /// [`StreamInContext::carry`] serve sinks that are no streams. Items, `size_hint` and the end of the stream are those of `S`.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct StreamInContext<S> {
        #[pin]
        held: Held<S>,
    }
}

impl<S> StreamInContext<S> {
    /// Wraps `inner` so that it runs in exactly `context`, without a span.
    pub fn new(context: RequestContext, inner: S) -> Self {
        Self::captured(Capture::exactly(context), inner)
    }

    /// Carries `inner`: it runs in the context and span that are current at this call. For a sink
    /// that is no stream; a stream has
    /// [`in_current_context`](crate::ContextStreamExt::in_current_context).
    ///
    /// # Panics
    /// Outside a scope, at the caller's line.
    #[track_caller]
    pub fn carry(inner: S) -> Self {
        Self::captured(Capture::current(), inner)
    }

    /// Carries `inner`, as [`carry`](Self::carry) does.
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; `inner` is dropped.
    pub fn try_carry(inner: S) -> Result<Self, NoContext> {
        Capture::try_current().map(|capture| Self::captured(capture, inner))
    }

    pub(super) fn captured(capture: Capture, inner: S) -> Self {
        Self { held: Held::new(Some(capture), inner) }
    }

    /// The context that the stream runs in.
    #[must_use]
    pub fn context(&self) -> &RequestContext {
        self.held.context().unwrap_or_else(|| unreachable!("every constructor gives a context"))
    }

    /// The inner stream.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        self.held.get_ref()
    }

    /// The inner stream; what is called on it directly runs outside the context.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut S {
        self.held.get_mut()
    }

    /// The inner stream, pinned; what is called on it directly runs outside the context.
    #[must_use]
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut S> {
        self.project().held.get_pin_mut()
    }

    /// Takes the inner stream back out of its context.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.held.into_inner()
    }

    fn enter<R>(self: Pin<&mut Self>, f: impl FnOnce(Pin<&mut S>) -> R) -> R {
        self.project().held.enter_pin(f)
    }
}

impl<S: Stream> Stream for StreamInContext<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.enter(|stream| stream.poll_next(cx))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.held.enter(S::size_hint)
    }
}

impl<S: FusedStream> FusedStream for StreamInContext<S> {
    fn is_terminated(&self) -> bool {
        self.held.enter(S::is_terminated)
    }
}

impl<S: Sink<Item>, Item> Sink<Item> for StreamInContext<S> {
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.enter(|sink| sink.poll_ready(cx))
    }

    fn start_send(self: Pin<&mut Self>, item: Item) -> Result<(), S::Error> {
        self.enter(|sink| sink.start_send(item))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.enter(|sink| sink.poll_flush(cx))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.enter(|sink| sink.poll_close(cx))
    }
}
