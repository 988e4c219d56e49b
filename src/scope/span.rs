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
    #[cfg(feature = "spawn")]
    use crate::context::RequestContext;
    use tracing::Instrument;
    use tracing::Span;
    use tracing::instrument::Instrumented;

    /// A future that is polled and dropped in its span.
    pub(crate) type InSpan<F> = Instrumented<F>;

    #[derive(Clone, Debug)]
    pub(crate) struct CarriedSpan(Span);

    impl CarriedSpan {
        pub(crate) fn none() -> Self {
            Self(Span::none())
        }

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
            future.instrument(self.0)
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
