//! [`RequestContextService`]: the inner service, each request in its context.

use super::authenticate::Authentication;
use super::authenticate::Identify;
use super::authenticate::Step;
use super::body::RequestContextBody;
use super::end_hook::Ending;
use super::end_hook::NoHook;
use super::end_hook::OnEnd;
use super::future::RequestContextFuture;
use super::future::Waiting;
use super::layer::Config;
use super::rejection::Protocol;
use crate::context::RequestContext;
use crate::context::values::Value;
use crate::scope::Capture;
use http::HeaderMap;
use http::Method;
use http::Request;
use http::Response;
use http::header::CONTENT_LENGTH;
#[cfg(feature = "axum")]
use http::request::Parts;
use http_body::Body;
use std::fmt;
use std::mem;
use std::sync::Arc;
#[cfg(feature = "axum")]
use std::sync::atomic::AtomicBool;
#[cfg(feature = "axum")]
use std::sync::atomic::Ordering::Relaxed;
use std::task::Context;
use std::task::Poll;
use std::time::Instant;
use tower_service::Service;

/// The service that a [`RequestContextLayer`](super::RequestContextLayer) makes.
pub struct RequestContextService<S, A = super::Anonymous, H: OnEnd = NoHook> {
    inner: S,
    config: Arc<Config<A, H>>,
}

impl<S, A, H: OnEnd> RequestContextService<S, A, H> {
    pub(super) fn new(inner: S, config: Arc<Config<A, H>>) -> Self {
        Self { inner, config }
    }

    /// The inner service.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: Clone, A, H: OnEnd> Clone for RequestContextService<S, A, H> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), config: Arc::clone(&self.config) }
    }
}

impl<S: fmt::Debug, A, H: OnEnd> fmt::Debug for RequestContextService<S, A, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContextService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, A, H, RequestBody, ResponseBody> Service<Request<RequestBody>>
    for RequestContextService<S, A, H>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone,
    A: Identify,
    H: OnEnd,
    ResponseBody: Body,
{
    type Response = Response<RequestContextBody<ResponseBody, H>>;
    type Error = S::Error;
    type Future = RequestContextFuture<S, RequestBody, A, H>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let began = H::IS_TOLD.then(Instant::now);
        let (mut parts, body) = request.into_parts();
        let mut values = self.config.values.clone();
        if let Some(trace_parent) = self.config.trace_parents.of(&parts) {
            values.insert(Value::new(trace_parent));
        }
        let context = RequestContext::builder()
            .request_id(self.config.ids.of(&mut parts))
            .shared_values(values)
            .build();
        let span = self.config.make_span.make(&context, &parts);
        let capture = Capture::new(context, span);
        let mut exchange = Exchange {
            ending: Ending::new(capture.clone(), Arc::clone(&self.config.on_end), began),
            config: Arc::clone(&self.config),
            protocol: Protocol::Http,
            is_head: parts.method == Method::HEAD,
            capture,
        };
        let step = match () {
            // A test that asks for the layer is answered by it, and by nothing further in.
            #[cfg(feature = "axum")]
            () if Probe::is_in(&parts) => Step::Now(Authentication::Unavailable),
            () => exchange.capture.enter(|| self.config.identify.identify(&parts)),
        };
        if !matches!(step, Step::Now(Authentication::Anonymous)) {
            exchange.protocol = Protocol::of(&parts);
        }
        let request = Request::from_parts(parts, body);
        match step {
            Step::Now(answer) => match exchange.admit(answer) {
                None => RequestContextFuture::run(exchange, &mut self.inner, request),
                Some(refusal) => RequestContextFuture::refuse(exchange, refusal),
            },
            Step::Ask(answer) => {
                // The clone that was asked whether it is ready is the one to be called.
                let clone = self.inner.clone();
                let service = mem::replace(&mut self.inner, clone);
                RequestContextFuture::wait(answer, Waiting { exchange, service, request })
            }
        }
    }
}

/// In the extensions of a request that asks whether a layer sees it. No client can put it there.
#[cfg(feature = "axum")]
#[derive(Clone, Default)]
pub(crate) struct Probe(Arc<AtomicBool>);

#[cfg(feature = "axum")]
impl Probe {
    fn is_in(parts: &Parts) -> bool {
        parts.extensions.get::<Self>().inspect(|probe| probe.0.store(true, Relaxed)).is_some()
    }

    pub(crate) fn was_seen(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// What the layer keeps of a request until its response has come.
pub(super) struct Exchange<A, H: OnEnd> {
    pub(super) capture: Capture,
    pub(super) config: Arc<Config<A, H>>,
    pub(super) protocol: Protocol,
    pub(super) is_head: bool,
    pub(super) ending: Ending<H>,
}

impl<A, H: OnEnd> Exchange<A, H> {
    /// Goes on with the identity found; or returns the head of the response to give instead.
    pub(super) fn admit(&mut self, answer: Authentication) -> Option<Response<()>> {
        match answer {
            Authentication::Anonymous => None,
            Authentication::Identified(identity) => {
                let context = self.capture.context.to_builder().identity(identity).build();
                context.liveness().announce(&context);
                self.capture.context = context;
                self.ending.is_for(&self.capture);
                None
            }
            Authentication::Rejected(challenge) => Some(self.protocol.unauthorized(challenge)),
            Authentication::Unavailable => Some(self.protocol.unavailable()),
        }
    }

    /// Finishes a response: the request ID on it, its body in the context.
    pub(super) fn respond<B: Body>(
        self,
        response: Response<Option<B>>,
    ) -> Response<RequestContextBody<B, H>> {
        let Self { capture, config, is_head, ending, .. } = self;
        let Capture { context, span } = capture;
        let (mut parts, body) = response.into_parts();
        config.ids.echo(context.request_id(), &mut parts.headers);
        let capture = Capture::new(context.since_sign_in(), span);
        let declared = declared_length(&parts.headers);
        let body = RequestContextBody::new(capture, body, ending, parts.status, declared, is_head);
        Response::from_parts(parts, body)
    }
}

/// What the handler says of the length, where the body does not know it.
fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
