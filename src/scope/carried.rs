//! A future in the context and span that were current when it was carried.

use super::capture::Capture;
use super::span::InSpan;
use crate::context::current;
use crate::context::current::Scoped;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

pin_project! {
    /// A future that is polled **and dropped** in the context and the tracing span that were
    /// current where it was made.
    ///
    /// From [`ContextExt::in_current_context`]. What it captured wins over any context that it is
    /// later polled in, so carrying twice is harmless. As with [`InContext`](crate::InContext),
    /// there are no accessors.
    ///
    /// # Panics
    /// `poll` panics when the inner future does, and after completion.
    ///
    /// [`ContextExt::in_current_context`]: crate::ContextExt::in_current_context
    #[must_use = "futures do nothing unless polled"]
    pub struct Carried<F> {
        #[pin]
        inner: Scoped<InSpan<F>>,
    }
}

impl<F: Future> Carried<F> {
    #[inline(always)]
    pub(crate) fn new(capture: Capture, future: F) -> Self {
        let Capture { context, span } = capture;
        Self { inner: current::scope(context, span.around(future)) }
    }
}

impl<F> fmt::Debug for Carried<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Carried").field(&self.inner).finish()
    }
}

impl<F: Future> Future for Carried<F> {
    type Output = F::Output;

    // Always, so that the compiler decides on what is around it as it would for tokio's own.
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().inner.poll(cx)
    }
}
