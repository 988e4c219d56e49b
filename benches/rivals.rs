//! Ours and the rivals, each as a scope around a future.

use fastrace::future::FutureExt as _;
use opentelemetry::context::FutureExt as _;
use request_context::Carried;
use request_context::ContextExt as _;
use request_context::InContext;
use request_context::RequestContext;
use sentry_core::Hub;
use sentry_core::SentryFuture;
use sentry_core::SentryFutureExt as _;
use std::sync::Arc;
use tokio::task::futures::TaskLocalFuture;
use tokio_inherit_task_local::TaskLocalInheritableTable;
use tracing::Instrument as _;
use tracing::instrument::Instrumented;

/// The context that a user writes by hand and a rival carries.
#[derive(Default)]
pub struct Peer {
    pub id: u64,
    pub request_id: String,
    pub session: Option<String>,
    pub user: Option<String>,
}

tokio::task_local! {
    pub static KEY: Arc<Peer>;
}

tokio_inherit_task_local::inheritable_task_local! {
    pub static INHERITED: Arc<Peer>;
}

/// What opentelemetry's context holds.
pub struct OtelPeer(pub Arc<Peer>);

/// A way of putting a future in a context.
pub trait Scope: 'static {
    const NAME: &'static str;
    type Of<F: Future<Output = ()>>: Future<Output = ()>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> Self::Of<F>;
}

pub struct Bare;
pub struct OurScope(pub RequestContext);
pub struct OurInContext(pub RequestContext);
pub struct OurCarried;
pub struct TokioScope(pub Arc<Peer>);
pub struct TokioCarried;
pub struct TracingInstrument(pub tracing::Span);
pub struct Otel(pub opentelemetry::Context);
pub struct Sentry(pub Arc<Hub>);
pub struct Fastrace(pub fastrace::Span);
pub struct Inherit(pub Arc<Peer>);

impl Scope for Bare {
    const NAME: &'static str = "bare";
    type Of<F: Future<Output = ()>> = F;
    fn around<F: Future<Output = ()>>(&self, future: F) -> F {
        future
    }
}

impl Scope for OurScope {
    const NAME: &'static str = "scope";
    type Of<F: Future<Output = ()>> = InContext<F>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> InContext<F> {
        self.0.clone().scope(future)
    }
}

impl Scope for OurInContext {
    const NAME: &'static str = "in_context";
    type Of<F: Future<Output = ()>> = InContext<F>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> InContext<F> {
        future.in_context(self.0.clone())
    }
}

/// Captures what is current: the context and the span.
impl Scope for OurCarried {
    const NAME: &'static str = "in_current_context";
    type Of<F: Future<Output = ()>> = Carried<F>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> Carried<F> {
        future.in_current_context()
    }
}

impl Scope for TokioScope {
    const NAME: &'static str = "tokio scope";
    type Of<F: Future<Output = ()>> = TaskLocalFuture<Arc<Peer>, F>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> Self::Of<F> {
        KEY.scope(Arc::clone(&self.0), future)
    }
}

/// What a user writes to carry both the context and the span.
impl Scope for TokioCarried {
    const NAME: &'static str = "tokio scope, Instrument";
    type Of<F: Future<Output = ()>> = TaskLocalFuture<Arc<Peer>, Instrumented<F>>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> Self::Of<F> {
        KEY.scope(KEY.get(), future.in_current_span())
    }
}

impl Scope for TracingInstrument {
    const NAME: &'static str = "tracing Instrument (no value)";
    type Of<F: Future<Output = ()>> = Instrumented<F>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> Instrumented<F> {
        future.instrument(self.0.clone())
    }
}

impl Scope for Otel {
    const NAME: &'static str = "opentelemetry with_context";
    type Of<F: Future<Output = ()>> = opentelemetry::context::WithContext<F>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> Self::Of<F> {
        future.with_context(self.0.clone())
    }
}

impl Scope for Sentry {
    const NAME: &'static str = "sentry bind_hub";
    type Of<F: Future<Output = ()>> = SentryFuture<F>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> SentryFuture<F> {
        future.bind_hub(Arc::clone(&self.0))
    }
}

impl Scope for Fastrace {
    const NAME: &'static str = "fastrace in_span";
    type Of<F: Future<Output = ()>> = fastrace::future::InSpan<F>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> Self::Of<F> {
        future.in_span(fastrace::Span::enter_with_parent("scope", &self.0))
    }
}

impl Scope for Inherit {
    const NAME: &'static str = "tokio-inherit-task-local scope";
    type Of<F: Future<Output = ()>> = TaskLocalFuture<TaskLocalInheritableTable, F>;
    fn around<F: Future<Output = ()>>(&self, future: F) -> Self::Of<F> {
        INHERITED.scope(Arc::clone(&self.0), future)
    }
}

/// One of each, of the same context where it is the same rival.
pub struct All {
    pub context: RequestContext,
    pub peer: Arc<Peer>,
    pub otel: opentelemetry::Context,
    pub hub: Arc<Hub>,
    pub root: fastrace::Span,
}

impl Default for All {
    fn default() -> Self {
        let peer = Arc::<Peer>::default();
        Self {
            context: RequestContext::new(),
            otel: opentelemetry::Context::new().with_value(OtelPeer(Arc::clone(&peer))),
            hub: Arc::new(Hub::new(None, Arc::default())),
            root: fastrace::Span::root("root", fastrace::prelude::SpanContext::random()),
            peer,
        }
    }
}

impl All {
    /// Runs `f` inside all of them at once.
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let _otel = self.otel.clone().attach();
        let _fastrace = self.root.set_local_parent();
        let hub = Arc::clone(&self.hub);
        let f = || KEY.sync_scope(Arc::clone(&self.peer), f);
        let f = || INHERITED.sync_scope(Arc::clone(&self.peer), f);
        let f = || Hub::run(hub, f);
        self.context.clone().sync_scope(f)
    }
}

/// `nested!(scope, future; . . .)` puts the future in the scope, once for each dot.
#[macro_export]
macro_rules! nested {
    ($scope:expr, $future:expr;) => {
        $future
    };
    ($scope:expr, $future:expr; . $($level:tt)*) => {
        $crate::nested!($scope, $crate::rivals::Scope::around(&*$scope, $future); $($level)*)
    };
}
