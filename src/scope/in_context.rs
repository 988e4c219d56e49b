//! A future in exactly the context it was given.

use crate::context::RequestContext;
use crate::context::current;
use crate::context::current::Scoped;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

pin_project! {
    /// A future that is polled **and dropped** in the context given to it.
    ///
    /// From [`RequestContext::scope`] and [`ContextExt::in_context`]. After each poll the thread has
    /// the context that it had before; the inner future is dropped in its context too: when it
    /// is ready, when it is cancelled, and when it was never polled. No larger than tokio's own
    /// scope, which keeps both the context and the inner future to itself: there are no accessors.
    ///
    /// # Panics
    /// `poll` panics when the inner future does, and after completion.
    ///
    /// [`ContextExt::in_context`]: crate::ContextExt::in_context
    #[must_use = "futures do nothing unless polled"]
    pub struct InContext<F> {
        #[pin]
        inner: Scoped<F>,
    }
}

impl RequestContext {
    /// Wraps `future` so that it runs in exactly this context.
    ///
    /// ```
    /// use request_context::RequestContext;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let context = RequestContext::new();
    /// let inside = context.clone().scope(async { RequestContext::current() }).await;
    /// assert_eq!(inside.request_id(), context.request_id());
    /// # });
    /// ```
    #[inline(always)]
    pub fn scope<F: Future>(self, future: F) -> InContext<F> {
        InContext { inner: current::scope(self, future) }
    }
}

impl<F> fmt::Debug for InContext<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InContext").field(&self.inner).finish()
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    // Always, so that the compiler decides on what is around it as it would for tokio's own.
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().inner.poll(cx)
    }
}
