//! A response body in a context.

use super::capture::Capture;
use super::held::Held;
use crate::context::NoContext;
use crate::context::RequestContext;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

pin_project! {
    /// A body whose frames and trailers are made in its context, and which is dropped in its
    /// context.
    ///
    /// From [`ContextBodyExt`]. Frames, `size_hint` and `is_end_stream` are
    /// those of `B`, so a known length stays known. `Default` is there because middleware asks for
    /// it: it makes the default of `B`, in the current context if there is one and in none if not.
    #[derive(Debug)]
    #[must_use = "bodies do nothing unless polled"]
    pub struct BodyInContext<B> {
        #[pin]
        held: Held<B>,
    }
}

impl<B> BodyInContext<B> {
    /// Wraps `inner` so that it runs in exactly `context`, without a span.
    pub fn new(context: RequestContext, inner: B) -> Self {
        Self::captured(Capture::exactly(context), inner)
    }

    pub(crate) fn captured(capture: Capture, inner: B) -> Self {
        Self { held: Held::new(Some(capture), inner) }
    }

    /// The context that the body runs in; `None` only if it was made by `Default` outside every
    /// scope.
    #[must_use]
    pub fn context(&self) -> Option<&RequestContext> {
        self.held.context()
    }

    /// The inner body.
    #[must_use]
    pub fn get_ref(&self) -> &B {
        self.held.get_ref()
    }

    /// The inner body; what is called on it directly runs outside the context.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut B {
        self.held.get_mut()
    }

    /// The inner body, pinned; what is called on it directly runs outside the context.
    #[must_use]
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut B> {
        self.project().held.get_pin_mut()
    }

    /// Takes the inner body back out of its context.
    #[must_use]
    pub fn into_inner(self) -> B {
        self.held.into_inner()
    }
}

impl<B: Default> Default for BodyInContext<B> {
    fn default() -> Self {
        let capture = Capture::try_current().ok();
        Self { held: Held::new(capture, B::default()) }
    }
}

impl<B: Body> Body for BodyInContext<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().held.enter_pin(|body| body.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.held.enter(B::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.held.enter(B::size_hint)
    }
}

/// Puts an HTTP body into a context.
pub trait ContextBodyExt: Body + Sized {
    /// Runs the body in exactly `context`, without a span.
    fn in_context(self, context: RequestContext) -> BodyInContext<Self> {
        BodyInContext::new(context, self)
    }

    /// Carries the body: it runs in the context and span that are current **at this call**.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line.
    #[track_caller]
    fn in_current_context(self) -> BodyInContext<Self> {
        BodyInContext::captured(Capture::current(), self)
    }

    /// Carries the body, as [`in_current_context`](Self::in_current_context) does.
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; the body is dropped.
    fn try_in_current_context(self) -> Result<BodyInContext<Self>, NoContext> {
        Capture::try_current().map(|capture| BodyInContext::captured(capture, self))
    }
}

impl<B: Body> ContextBodyExt for B {}
