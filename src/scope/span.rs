//! The tracing span that is carried along; nothing at all without the feature `tracing`.

#[cfg(feature = "tracing")]
pub(crate) use enabled::CarriedSpan;
#[cfg(feature = "tracing")]
pub(crate) use enabled::InSpan;

#[cfg(not(feature = "tracing"))]
pub(crate) use disabled::CarriedSpan;
#[cfg(not(feature = "tracing"))]
pub(crate) use disabled::InSpan;

#[cfg(feature = "tracing")]
mod enabled {
    use crate::context::RequestContext;
    use pin_project_lite::pin_project;
    use std::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;
    use std::pin::Pin;
    use std::task::Context;
    use std::task::Poll;
    use tracing::Span;

    pin_project! {
        /// A future that is polled and dropped in its span, as tracing's `Instrumented` is. But
        /// that enters the span on drop also when the subscriber's thread-locals are gone, where a
        /// registry panics; this drops the future outside the span then.
        pub(crate) struct InSpan<F> {
            #[pin]
            future: F,
            // Behind `future`: it leaves, after that was dropped, what `drop` entered.
            span: LeftOnDrop,
        }

        impl<F> PinnedDrop for InSpan<F> {
            fn drop(this: Pin<&mut Self>) {
                this.project().span.enter_for_the_drop();
            }
        }
    }

    impl<F: Future> Future for InSpan<F> {
        type Output = F::Output;

        #[inline]
        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
            let this = self.project();
            let _entered = this.span.0.enter();
            this.future.poll(cx)
        }
    }

    struct LeftOnDrop(Span);

    impl LeftOnDrop {
        #[inline]
        fn enter_for_the_drop(&mut self) {
            if !self.0.is_none() && !self.can_enter() {
                self.0 = Span::none();
            }
        }

        /// Enters the span unless the thread's local storage is gone, of which there are two signs:
        /// the scope around every carried value is gone too, or the subscriber panics.
        fn can_enter(&self) -> bool {
            let enter = || self.0.with_subscriber(|(id, subscriber)| subscriber.enter(id));
            RequestContext::in_scope() && catch_unwind(AssertUnwindSafe(enter)).is_ok()
        }
    }

    impl Drop for LeftOnDrop {
        #[inline]
        fn drop(&mut self) {
            self.0.with_subscriber(|(id, subscriber)| subscriber.exit(id));
        }
    }

    #[derive(Clone, Debug)]
    pub(crate) struct CarriedSpan(Span);

    impl CarriedSpan {
        pub(crate) fn none() -> Self {
            Self(Span::none())
        }

        #[inline]
        pub(crate) fn current() -> Self {
            Self(Span::current())
        }

        /// The root span of work that outlives the request: it follows from the current one and
        /// does not keep it open.
        #[cfg(feature = "spawn")]
        pub(crate) fn detached(context: &RequestContext) -> Self {
            let request_id = context.request_id().as_str();
            let span = tracing::info_span!(parent: None, "detached", request.id = request_id);
            span.follows_from(Span::current());
            Self(span)
        }

        pub(crate) fn in_scope<R>(&self, f: impl FnOnce() -> R) -> R {
            self.0.in_scope(f)
        }

        pub(crate) fn around<F>(self, future: F) -> InSpan<F> {
            InSpan { future, span: LeftOnDrop(self.0) }
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod disabled {
    #[cfg(feature = "spawn")]
    use crate::context::RequestContext;

    pub(crate) type InSpan<F> = F;

    #[derive(Clone, Debug)]
    pub(crate) struct CarriedSpan;

    impl CarriedSpan {
        pub(crate) fn none() -> Self {
            Self
        }

        pub(crate) fn current() -> Self {
            Self
        }

        #[cfg(feature = "spawn")]
        pub(crate) fn detached(_: &RequestContext) -> Self {
            Self
        }

        pub(crate) fn in_scope<R>(&self, f: impl FnOnce() -> R) -> R {
            f()
        }

        pub(crate) fn around<F>(self, future: F) -> InSpan<F> {
            future
        }
    }
}
