//! A future in no context, whatever is current around it.

use crate::context::RequestContext;
use crate::context::current;
use crate::context::current::Scoped;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::Context;
use std::task::Poll;

pin_project! {
    /// A future whose context is taken out before it is polled or dropped, so that it runs in none:
    /// also where the runtime itself is driven inside a scope.
    pub(crate) struct Outside<F> {
        #[pin]
        inner: Scoped<F>,
    }

    impl<F> PinnedDrop for Outside<F> {
        fn drop(this: Pin<&mut Self>) {
            this.project().inner.take_value();
        }
    }
}

impl<F: Future> Outside<F> {
    pub(crate) fn new(future: F) -> Self {
        /// Fills the place of the context until it is taken out; no code ever runs in it.
        static NOBODY: LazyLock<RequestContext> = LazyLock::new(RequestContext::new);
        Self { inner: current::scope(NOBODY.clone(), future) }
    }
}

impl<F: Future> Future for Outside<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut inner = self.project().inner;
        inner.as_mut().take_value();
        inner.poll(cx)
    }
}
