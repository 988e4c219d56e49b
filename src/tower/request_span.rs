//! The span of a request: what makes it, and what is recorded on it later.

#[cfg(feature = "tracing")]
pub(super) use enabled::MakeSpan;

#[cfg(not(feature = "tracing"))]
pub(super) use disabled::MakeSpan;

#[cfg(feature = "tracing")]
mod enabled {
    use crate::context::RequestContext;
    use crate::context::liveness::OnSignIn;
    use crate::scope::CarriedSpan;
    use crate::tower::end_hook::Ending;
    use crate::tower::end_hook::OnEnd;
    use crate::trace::SESSION_ID;
    use http::request::Parts;
    use std::fmt;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering;
    use tracing::Span;
    use tracing::level_filters::LevelFilter;

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
        /// Whether it is made of the request's head.
        pub(in crate::tower) fn asks(&self) -> bool {
            matches!(self, Self::By(_))
        }

        /// Puts the span into `ending`; it will have whoever signs in.
        #[inline]
        pub(in crate::tower) fn make<H: OnEnd>(
            &self,
            ending: &mut Ending<H>,
            parts: Option<&Parts>,
        ) {
            let context = &ending.capture.context;
            let make = || {
                let span = match (self, parts) {
                    (Self::By(make), Some(parts)) => make(context, parts),
                    _ => context.span(),
                };
                if !span.is_disabled() {
                    context.liveness().tell(RecordOn::new(span.clone(), context));
                }
                span
            };
            let span = match self {
                Self::None => return,
                // Nobody would see it made.
                Self::OfContext if LevelFilter::current() < LevelFilter::INFO => context.span(),
                // A subscriber is to see it made in the context.
                _ => ending.enter(make),
            };
            ending.capture.span = CarriedSpan::new(span);
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

    struct RecordOn {
        span: Span,
        /// Whether there is a session on the span, perhaps of another user.
        has_session: AtomicBool,
    }

    impl RecordOn {
        fn new(span: Span, context: &RequestContext) -> Self {
            Self { span, has_session: AtomicBool::new(context.session().is_some()) }
        }
    }

    impl OnSignIn for RecordOn {
        fn signed_in(&self, context: &RequestContext) {
            let has_session = context.session().is_some();
            if self.has_session.swap(has_session, Ordering::Relaxed) && !has_session {
                // A field cannot be taken back.
                self.span.record(SESSION_ID, "");
            }
            context.record_on(&self.span);
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod disabled {
    use crate::tower::end_hook::Ending;
    use crate::tower::end_hook::OnEnd;
    use http::request::Parts;

    #[derive(Clone, Debug, Default)]
    pub(in crate::tower) struct MakeSpan {}

    impl MakeSpan {
        pub(in crate::tower) fn asks(&self) -> bool {
            false
        }

        pub(in crate::tower) fn make<H: OnEnd>(&self, _: &mut Ending<H>, _: Option<&Parts>) {}
    }
}
