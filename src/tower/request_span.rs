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
    use crate::trace::SESSION_ID;
    use http::request::Parts;
    use std::fmt;
    use std::sync::Arc;
    use std::sync::Mutex;
    use std::sync::MutexGuard;
    use std::sync::PoisonError;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering;
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
                context.liveness().tell(RecordOn::new(span.clone(), context));
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

    /// The span until the request ends: a context that is kept longer must not keep it open.
    struct RecordOn {
        span: Mutex<Option<Span>>,
        /// Whether there is a session on the span, perhaps of another user.
        has_session: AtomicBool,
    }

    impl RecordOn {
        fn new(span: Span, context: &RequestContext) -> Self {
            let has_session = AtomicBool::new(context.session().is_some());
            Self { span: Mutex::new(Some(span)), has_session }
        }

        fn span(&self) -> MutexGuard<'_, Option<Span>> {
            self.span.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl OnSignIn for RecordOn {
        fn signed_in(&self, context: &RequestContext) {
            // Recorded without a lock held: a subscriber may ask for the context.
            let Some(span) = self.span().clone() else { return };
            let has_session = context.session().is_some();
            if self.has_session.swap(has_session, Ordering::Relaxed) && !has_session {
                // A field cannot be taken back.
                span.record(SESSION_ID, "");
            }
            context.record_on(&span);
        }

        fn ended(&self) {
            let span = self.span().take();
            drop(span);
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
}
