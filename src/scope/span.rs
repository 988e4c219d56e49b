//! The tracing span that is carried along; nothing at all without the feature `tracing`.

#[cfg(feature = "tracing")]
pub(crate) use enabled::CarriedSpan;
#[cfg(feature = "tracing")]
pub(crate) use enabled::InSpan;

#[cfg(not(feature = "tracing"))]
pub(crate) use disabled::CarriedSpan;
#[cfg(not(feature = "tracing"))]
pub(crate) use disabled::InSpan;

/// The target of the spans that this crate makes; a filter may name it.
#[cfg(feature = "tracing")]
pub(crate) const SPAN_TARGET: &str = "request_context";

#[cfg(feature = "tracing")]
mod enabled {
    #[cfg(feature = "spawn")]
    use super::SPAN_TARGET;
    #[cfg(feature = "spawn")]
    use crate::context::RequestContext;
    use pin_project_lite::pin_project;
    use std::panic::AssertUnwindSafe;
    use std::panic::RefUnwindSafe;
    use std::panic::UnwindSafe;
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
            if !this.span.0.is_disabled() {
                teardown::watch();
            }
            this.future.poll(cx)
        }
    }

    struct LeftOnDrop(Span);

    impl LeftOnDrop {
        #[inline]
        fn enter_for_the_drop(&mut self) {
            if !self.0.is_disabled() && !self.can_enter() {
                self.0 = Span::none();
            }
        }

        /// Enters the span, unless the thread-locals of the subscriber are gone or going. On a thread
        /// that has entered no span through here, that shows only when the subscriber panics.
        fn can_enter(&self) -> bool {
            let enter = || self.0.with_subscriber(|(id, subscriber)| subscriber.enter(id));
            if !teardown::has_begun() && catch_unwind(AssertUnwindSafe(enter)).is_ok() {
                teardown::watch();
                return true;
            }
            false
        }
    }

    impl Drop for LeftOnDrop {
        #[inline]
        fn drop(&mut self) {
            self.0.with_subscriber(|(id, subscriber)| subscriber.exit(id));
        }
    }

    /// Whether this thread is tearing down its thread-locals.
    ///
    /// Destructors run in reverse order of the first use. The sentinel is first used after a span
    /// was entered, so it goes before whatever the subscriber keeps for the thread.
    mod teardown {
        use std::cell::Cell;

        struct Sentinel;

        impl Drop for Sentinel {
            fn drop(&mut self) {
                HAS_BEGUN.set(true);
            }
        }

        thread_local! {
            static SENTINEL: Sentinel = const { Sentinel };
            static HAS_BEGUN: Cell<bool> = const { Cell::new(false) };
        }

        #[inline]
        pub(super) fn watch() {
            let _ = SENTINEL.try_with(|_| ());
        }

        pub(super) fn has_begun() -> bool {
            HAS_BEGUN.get()
        }
    }

    /// A span is a handle, which a panic leaves as it was.
    impl UnwindSafe for CarriedSpan {}
    impl RefUnwindSafe for CarriedSpan {}
    impl UnwindSafe for LeftOnDrop {}
    impl RefUnwindSafe for LeftOnDrop {}

    #[derive(Clone, Debug)]
    pub(crate) struct CarriedSpan(Span);

    impl CarriedSpan {
        pub(crate) fn none() -> Self {
            Self(Span::none())
        }

        #[inline]
        pub(crate) fn current() -> Self {
            let span = Span::current();
            if !span.is_disabled() {
                teardown::watch();
            }
            Self(span)
        }

        /// The root span of work that outlives the request: it follows from the current one and
        /// does not keep it open.
        #[cfg(feature = "spawn")]
        pub(crate) fn detached(context: &RequestContext) -> Self {
            let request_id = context.request_id().as_str();
            let span = tracing::info_span!(
                target: SPAN_TARGET,
                parent: None,
                "detached",
                request.id = request_id,
            );
            span.follows_from(Span::current());
            Self(span)
        }

        #[cfg(feature = "tower")]
        pub(crate) fn new(span: Span) -> Self {
            Self(span)
        }

        /// Whether no subscriber would see it end.
        #[cfg(feature = "tower")]
        #[inline]
        pub(crate) fn is_disabled(&self) -> bool {
            self.0.is_disabled()
        }

        #[inline]
        pub(crate) fn in_scope<R>(&self, f: impl FnOnce() -> R) -> R {
            if self.0.is_none() {
                return f();
            }
            self.0.in_scope(|| {
                if !self.0.is_disabled() {
                    teardown::watch();
                }
                f()
            })
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

        #[cfg(feature = "tower")]
        pub(crate) fn is_disabled(&self) -> bool {
            true
        }

        pub(crate) fn in_scope<R>(&self, f: impl FnOnce() -> R) -> R {
            f()
        }

        pub(crate) fn around<F>(self, future: F) -> InSpan<F> {
            future
        }
    }
}
