//! The span of a request: what makes it, and what is recorded on it later.

#[cfg(feature = "tracing")]
pub(super) use enabled::MakeSpan;
#[cfg(feature = "tracing")]
pub(super) use enabled::record;

#[cfg(not(feature = "tracing"))]
pub(super) use disabled::MakeSpan;
#[cfg(not(feature = "tracing"))]
pub(super) use disabled::record;

#[cfg(feature = "tracing")]
mod enabled {
    use crate::context::RequestContext;
    use crate::context::liveness::OnSignIn;
    use crate::scope::CarriedSpan;
    use http::request::Parts;
    use std::fmt;
    use std::sync::Arc;
    use tracing::Span;

    type Make = dyn Fn(&RequestContext, &Parts) -> Span + Send + Sync;

    /// How the layer makes the span.
    #[derive(Clone, Default)]
    pub(in crate::tower) enum MakeSpan {
        #[default]
        OfContext,
        None,
        By(Arc<Make>),
    }

    impl MakeSpan {
        /// The span, which will have whoever signs in.
        pub(in crate::tower) fn make(
            &self,
            context: &RequestContext,
            parts: &Parts,
        ) -> CarriedSpan {
            let span = match self {
                Self::OfContext => context.span(),
                Self::None => return CarriedSpan::none(),
                Self::By(make) => context.clone().sync_scope(|| make(context, parts)),
            };
            if !span.is_disabled() {
                context.liveness().tell(RecordOn(span.clone()));
            }
            CarriedSpan::new(span)
        }
    }

    impl fmt::Debug for MakeSpan {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(match self {
                Self::OfContext => "OfContext",
                Self::None => "None",
                Self::By(_) => "By(..)",
            })
        }
    }

    /// Records session and user of `context`.
    pub(in crate::tower) fn record(span: &CarriedSpan, context: &RequestContext) {
        context.record_on(span.span());
    }

    struct RecordOn(Span);

    impl OnSignIn for RecordOn {
        fn signed_in(&self, context: &RequestContext) {
            context.record_on(&self.0);
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod disabled {
    use crate::context::RequestContext;
    use crate::scope::CarriedSpan;
    use http::request::Parts;

    #[derive(Clone, Debug, Default)]
    pub(in crate::tower) struct MakeSpan {}

    impl MakeSpan {
        pub(in crate::tower) fn make(&self, _: &RequestContext, _: &Parts) -> CarriedSpan {
            CarriedSpan::none()
        }
    }

    pub(in crate::tower) fn record(_: &CarriedSpan, _: &RequestContext) {}
}
