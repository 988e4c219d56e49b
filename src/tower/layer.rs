//! [`RequestContextLayer`]: what is to hold for each request.

use super::authenticate::Anonymous;
use super::authenticate::Authenticate;
use super::authenticate::AuthenticateWith;
use super::authenticate::Identify;
use super::end_hook::NoHook;
use super::end_hook::OnEnd;
use super::request_id::RequestIds;
use super::request_span::MakeSpan;
use super::service::RequestContextService;
use super::trace_parent::TraceParents;
use crate::context::ContextValue;
#[cfg(feature = "tracing")]
use crate::context::RequestContext;
use crate::context::values::Value;
use crate::context::values::Values;
use http::HeaderName;
use http::request::Parts;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tower_layer::Layer;

/// Gives each request its context, from the first synchronous call to the drop of the response body.
///
/// See the [module docs](super) for what it does, in which order. Put it around the **finished**
/// service, outside everything that is to run in the context; what a second one further in does is
/// said there too.
#[derive(Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct RequestContextLayer<A = Anonymous, H: OnEnd = NoHook> {
    config: Config<A, H>,
}

/// What the layer, its services and their futures share.
#[derive(Debug)]
pub(super) struct Config<A, H> {
    pub(super) ids: RequestIds,
    pub(super) trace_parents: TraceParents,
    pub(super) make_span: MakeSpan,
    pub(super) values: Values,
    pub(super) identify: A,
    pub(super) on_end: Arc<H>,
}

impl RequestContextLayer {
    /// A fresh request ID for each request, no authentication, the span `request`, no hook.
    pub fn new() -> Self {
        Self {
            config: Config {
                ids: RequestIds::default(),
                trace_parents: TraceParents::default(),
                make_span: MakeSpan::default(),
                values: Values::default(),
                identify: Anonymous,
                on_end: Arc::new(NoHook),
            },
        }
    }
}

impl Default for RequestContextLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<A, H: OnEnd> RequestContextLayer<A, H> {
    /// Reads and writes the request ID in another header than `x-request-id`.
    pub fn request_id_header(mut self, header: HeaderName) -> Self {
        self.config.ids.header = header;
        self
    }

    /// Takes the incoming request ID of those requests that `is_trusted` says come from a peer of
    /// ours: by the address that the server put into the extensions, by a client certificate.
    ///
    /// Only one header of `[A-Za-z0-9._-]{1,128}` is taken. Whatever else comes in is replaced, in
    /// the request too, and [counted](Self::replaced_request_ids). By default none is taken (OWASP
    /// ASVS 5.0, 4.1.3). It is asked before there is a context.
    pub fn trust_request_id(
        mut self,
        is_trusted: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.config.ids.trusts = Some(Arc::new(is_trusted));
        self
    }

    /// How many incoming request IDs were replaced until now, by this layer and its clones.
    #[must_use]
    pub fn replaced_request_ids(&self) -> u64 {
        self.config.ids.replaced.load(Ordering::Relaxed)
    }

    /// Keeps the [`TraceParent`](super::TraceParent) of those requests that `is_trusted` says come
    /// from where a trace may begin, for the calls that they [make](super::client::ClientLayer).
    ///
    /// By default none is kept. A stranger who writes the header decides what is sampled and paid
    /// for, and mixes your spans into one trace (W3C Trace Context, 7.2).
    pub fn trust_trace_parent(
        mut self,
        is_trusted: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.config.trace_parents = TraceParents::from(is_trusted);
        self
    }

    /// Asks `authenticate` for whom each request is.
    ///
    /// Two `Authorization` headers are rejected without asking.
    pub fn authenticate<B: Authenticate>(
        self,
        authenticate: B,
    ) -> RequestContextLayer<AuthenticateWith<B>, H> {
        let Config { ids, trace_parents, make_span, values, on_end, .. } = self.config;
        let identify = AuthenticateWith(Arc::new(authenticate));
        RequestContextLayer {
            config: Config { ids, trace_parents, make_span, values, identify, on_end },
        }
    }

    /// Adds a value to the context of each request: a policy, a store, what deeper code needs and
    /// would else take from a global. All requests share it.
    pub fn insert(mut self, value: impl ContextValue) -> Self {
        self.config.values.insert(Value::new(value));
        self
    }

    /// Makes the span of each request by `make_span`, which runs in the context; the user is not
    /// known yet.
    ///
    /// Declare the fields `session.id` and `user.id` as [empty](tracing::field::Empty): they are
    /// recorded when they become known.
    #[cfg(feature = "tracing")]
    pub fn make_span(
        mut self,
        make_span: impl Fn(&RequestContext, &Parts) -> tracing::Span + Send + Sync + 'static,
    ) -> Self {
        self.config.make_span = MakeSpan::By(Arc::new(make_span));
        self
    }

    /// Makes no span.
    #[cfg(feature = "tracing")]
    pub fn without_span(mut self) -> Self {
        self.config.make_span = MakeSpan::None;
        self
    }

    /// Has `hook` told how each request ended.
    pub fn on_end<E: OnEnd>(self, hook: E) -> RequestContextLayer<A, E> {
        let Config { ids, trace_parents, make_span, values, identify, .. } = self.config;
        let on_end = Arc::new(hook);
        RequestContextLayer {
            config: Config { ids, trace_parents, make_span, values, identify, on_end },
        }
    }
}

impl<A: Identify, H> Config<A, H> {
    /// Whether anything of the user's asks for the head of each request.
    pub(super) fn asks(&self) -> bool {
        A::ASKS || self.ids.trusts.is_some() || self.trace_parents.asks() || self.make_span.asks()
    }
}

impl<A: Clone, H> Clone for Config<A, H> {
    fn clone(&self) -> Self {
        Self {
            ids: self.ids.clone(),
            trace_parents: self.trace_parents.clone(),
            make_span: self.make_span.clone(),
            values: self.values.clone(),
            identify: self.identify.clone(),
            on_end: Arc::clone(&self.on_end),
        }
    }
}

impl<A: Clone, H: OnEnd> Clone for RequestContextLayer<A, H> {
    fn clone(&self) -> Self {
        Self { config: self.config.clone() }
    }
}

impl<S, A: Clone, H: OnEnd> Layer<S> for RequestContextLayer<A, H> {
    type Service = RequestContextService<S, A, H>;

    fn layer(&self, inner: S) -> Self::Service {
        RequestContextService::new(inner, Arc::new(self.config.clone()))
    }
}
