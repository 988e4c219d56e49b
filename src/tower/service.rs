//! [`RequestContextService`]: the inner service, each request in its context.

use super::authenticate::Authentication;
use super::authenticate::Identify;
use super::authenticate::Step;
use super::body::RequestContextBody;
use super::end_hook::Ending;
use super::end_hook::NoHook;
use super::end_hook::Notes;
use super::end_hook::OnEnd;
use super::future::RequestContextFuture;
use super::future::Waiting;
use super::head::Head;
use super::layer::Config;
use super::rejection::Protocol;
use super::request_id::echo;
use crate::context::RequestContext;
use crate::context::values::Value;
use crate::scope::Capture;
use http::Extensions;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Response;
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
use tower_service::Service;

/// The service that a [`RequestContextLayer`](super::RequestContextLayer) makes.
///
/// It wants an inner service that can be cloned, also where nothing is authenticated: the one that
/// was ready is called only when the answer is there, and a clone takes its place until then.
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

    #[inline]
    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let config = &*self.config;
        let mut exchange;
        let step;
        if config.asks() {
            let (mut parts, body) = request.into_parts();
            exchange = config.begin(&mut parts);
            step = config.identify(&mut exchange.ending, &parts);
            request = Request::from_parts(parts, body);
        } else {
            exchange = config.begin(&mut request);
            step = config.identify(&mut exchange.ending, &request);
        }
        let mut future = RequestContextFuture::new(exchange);
        match step {
            Step::Now(answer) => future.go_on(answer, &mut self.inner, request),
            Step::Ask(answer) => {
                // The clone that was asked whether it is ready is the one to be called.
                let clone = self.inner.clone();
                let service = mem::replace(&mut self.inner, clone);
                future.wait(answer, Waiting { service, request });
            }
        }
        future
    }
}

impl<A: Identify, H: OnEnd> Config<A, H> {
    #[inline]
    fn begin(&self, head: &mut impl Head) -> Exchange<H> {
        let notes = Notes::begin(&self.on_end, head.method());
        let outer = outer(head.extensions());
        let context = self.context(head, outer);
        let mut ending = Ending::new(Capture::exactly(context), notes);
        self.make_span.make(&mut ending, head.parts());
        Exchange { header: self.ids.header.clone(), ending }
    }

    #[inline]
    fn identify(&self, ending: &mut Ending<H>, head: &impl Head) -> Step<A::Future> {
        // A test that asks for the layer is answered by it, and by nothing further in.
        #[cfg(feature = "axum")]
        if Probe::is_in(head.extensions()) {
            return Step::Now(Authentication::Unavailable);
        }
        match head.parts() {
            _ if !A::ASKS => Step::Now(Authentication::Anonymous),
            None => Step::Now(Authentication::Unavailable),
            Some(parts) => ending.enter(|| self.identify.identify(parts)),
        }
    }

    #[inline]
    fn context(&self, head: &mut impl Head, outer: Option<RequestContext>) -> RequestContext {
        let mut values = self.values.clone();
        if let Some(trace_parent) = head.parts().and_then(|parts| self.trace_parents.of(parts)) {
            values.insert(Value::new(trace_parent));
        }
        match outer {
            None => RequestContext::of_layer(self.ids.of(head), values),
            Some(outer) => {
                self.ids.replace_other(head.headers_mut(), outer.request_id());
                outer.to_builder().part(&values).build()
            }
        }
    }
}

/// The context of the request that a layer further out has begun: placed by it, and run in.
fn outer(extensions: &Extensions) -> Option<RequestContext> {
    let placed: &RequestContext = extensions.get()?;
    RequestContext::try_current().ok().filter(|current| placed.is_same_request(current))
}

/// In the extensions of a request that asks whether a layer sees it. No client can put it there.
#[cfg(feature = "axum")]
#[derive(Clone, Default)]
pub(crate) struct Probe(Arc<AtomicBool>);

#[cfg(feature = "axum")]
impl Probe {
    fn is_in(extensions: &Extensions) -> bool {
        extensions.get::<Self>().inspect(|probe| probe.0.store(true, Relaxed)).is_some()
    }

    pub(crate) fn was_seen(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// What the layer keeps of a request until its response has come.
pub(super) struct Exchange<H: OnEnd> {
    header: HeaderName,
    pub(super) ending: Ending<H>,
}

impl<H: OnEnd> Exchange<H> {
    /// Goes on with the identity found; or tells why not.
    pub(super) fn admit(&mut self, answer: Authentication) -> Option<Refused> {
        match answer {
            Authentication::Anonymous => None,
            Authentication::Identified(identity) => {
                self.ending.is_for(identity);
                None
            }
            Authentication::Rejected(challenge) => Some(Refused::Unauthorized(challenge)),
            Authentication::Unavailable => Some(Refused::Unavailable),
        }
    }

    /// Finishes a response: the request ID on it, its body in the context.
    #[inline]
    pub(super) fn respond<B: Body>(
        self,
        mut response: Response<B>,
    ) -> Response<RequestContextBody<B, H>> {
        let Self { header, mut ending } = self;
        echo(ending.capture.context.request_id(), header, response.headers_mut());
        ending.responded(response.status(), response.headers(), Some(response.body()));
        response.map(|body| RequestContextBody::new(Some(body), ending))
    }

    /// Finishes a response that the layer makes itself.
    pub(super) fn respond_itself<B: Body>(
        self,
        mut response: Response<()>,
    ) -> Response<RequestContextBody<B, H>> {
        let Self { header, mut ending } = self;
        echo(ending.capture.context.request_id(), header, response.headers_mut());
        ending.responded::<B>(response.status(), response.headers(), None);
        response.map(|()| RequestContextBody::new(None, ending))
    }
}

/// Why the inner service is not called.
pub(super) enum Refused {
    Unauthorized(HeaderValue),
    Unavailable,
}

impl Refused {
    /// The response, in the terms that the client speaks.
    pub(super) fn respond(self, parts: &Parts) -> Response<()> {
        let protocol = Protocol::of(parts);
        match self {
            Self::Unauthorized(challenge) => protocol.unauthorized(challenge),
            Self::Unavailable => protocol.unavailable(),
        }
    }
}
