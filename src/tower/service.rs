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
use super::head::Head;
use super::layer::Config;
use super::rejection::Protocol;
use super::request_id::echo;
#[cfg(feature = "access")]
use crate::access::TraceId;
use crate::context::RequestContext;
use crate::context::RequestId;
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
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::panic::resume_unwind;
use std::sync::Arc;
#[cfg(feature = "axum")]
use std::sync::atomic::AtomicBool;
#[cfg(feature = "axum")]
use std::sync::atomic::Ordering::Relaxed;
use std::task::Context;
use std::task::Poll;
use std::thread;
use tower_service::Service;

/// The service that a [`RequestContextLayer`](super::RequestContextLayer) makes.
///
/// It wants an inner service that can be cloned, also where nothing is authenticated. Only a layer
/// that authenticates clones it, once for each request and in its context: the one that was ready is
/// called when the answer is there, and the clone takes its place.
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
        let notes = Notes::begin(&config.on_end, request.method());
        if config.asks() {
            return self.ask(request, notes);
        }
        let mut ending = Ending::new(Capture::exactly(config.context(&mut request)), notes);
        config.make_span.make(&mut ending, None);
        let answer = if is_test(request.extensions()) {
            Authentication::Unavailable
        } else {
            Authentication::Anonymous
        };
        let mut future = RequestContextFuture::new(Exchange::new(config, ending));
        future.go_on(answer, &mut self.inner, request);
        future
    }
}

impl<S, A, H> RequestContextService<S, A, H>
where
    A: Identify,
    H: OnEnd,
{
    /// Has the user's code look at the head. If that panics, the request is dropped in the context.
    #[inline]
    fn ask<RequestBody>(
        &mut self,
        request: Request<RequestBody>,
        notes: Option<Notes<H>>,
    ) -> RequestContextFuture<S, RequestBody, A, H>
    where
        S: Service<Request<RequestBody>> + Clone,
    {
        let config = &*self.config;
        let (mut parts, body) = request.into_parts();
        let (context, panic) = match caught(|| config.context(&mut parts)) {
            Ok(context) => (context, None),
            Err(panic) => (config.untrusted(&parts), Some(panic)),
        };
        let mut ending = Ending::new(Capture::exactly(context), notes);
        let asked = match panic {
            None => caught(|| config.identify(&mut ending, &parts, &self.inner)),
            Some(panic) => {
                ending.panicked();
                Err(panic)
            }
        };
        let step = match asked {
            Ok(step) => step,
            Err(panic) => {
                ending.drop_in((parts, body));
                resume_unwind(panic)
            }
        };
        let request = Request::from_parts(parts, body);
        let mut future = RequestContextFuture::new(Exchange::new(config, ending));
        match step {
            Step::Now(answer) => future.go_on(answer, &mut self.inner, request),
            Step::Ask((answer, clone)) => {
                // The one that was asked whether it is ready is the one to be called.
                let service = mem::replace(&mut self.inner, clone);
                future.wait(answer, request, service);
            }
        }
        future
    }
}

/// What is asked changes nothing that is used after it panicked, but to be dropped.
fn caught<R>(ask: impl FnOnce() -> R) -> thread::Result<R> {
    catch_unwind(AssertUnwindSafe(ask))
}

impl<A: Identify, H: OnEnd> Config<A, H> {
    /// Begins to ask for whom the request is; if that takes a future, with a clone of the service.
    #[inline]
    fn identify<S: Clone>(
        &self,
        ending: &mut Ending<H>,
        parts: &Parts,
        service: &S,
    ) -> Step<(A::Future, S)> {
        self.make_span.make(ending, Some(parts));
        if is_test(&parts.extensions) {
            return Step::Now(Authentication::Unavailable);
        }
        if !A::ASKS {
            return Step::Now(Authentication::Anonymous);
        }
        ending.enter(|| match self.identify.identify(parts) {
            Step::Now(answer) => Step::Now(answer),
            Step::Ask(answer) => Step::Ask((answer, service.clone())),
        })
    }

    #[inline]
    fn context(&self, head: &mut impl Head) -> RequestContext {
        let mut values = self.values.clone();
        let outer = outer(head.extensions());
        if let Some(trace_parent) = head.parts().and_then(|parts| self.trace_parents.of(parts)) {
            #[cfg(feature = "access")]
            if let Some(trace) = TraceId::of_trace_parent(trace_parent.as_str()) {
                values.insert(Value::new(trace));
            }
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

    /// The context of a request of which it could not be found out whether it is to be trusted.
    #[cold]
    fn untrusted(&self, parts: &Parts) -> RequestContext {
        match outer(&parts.extensions) {
            None => RequestContext::of_layer(RequestId::new(), self.values.clone()),
            Some(outer) => outer.to_builder().part(&self.values).build(),
        }
    }
}

/// Whether a test asks for the layer: it is answered by it, and by nothing further in.
#[inline]
fn is_test(extensions: &Extensions) -> bool {
    #[cfg(feature = "axum")]
    return Probe::is_in(extensions);
    #[cfg(not(feature = "axum"))]
    {
        let _ = extensions;
        false
    }
}

/// The context of the request that a layer further out has begun: placed by it, and run in; or, on
/// another task, in none, as behind a `Buffer`. A context that no layer made lends nothing, and
/// neither does one that was kept after its request.
fn outer(extensions: &Extensions) -> Option<RequestContext> {
    let placed: &RequestContext = extensions.get()?;
    match RequestContext::try_current() {
        Ok(current) => placed.is_same_request(&current).then_some(current),
        Err(_) => placed.liveness().is_in_layer().then(|| placed.since_sign_in()),
    }
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
    #[inline]
    fn new<A>(config: &Config<A, H>, ending: Ending<H>) -> Self {
        Self { header: config.ids.header.clone(), ending }
    }

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
        ending.catch_up();
        let mut response = response.map(|body| RequestContextBody::new(Some(body), ending));
        RequestContextBody::note(&mut response);
        response
    }

    /// Finishes a response that the layer makes itself.
    pub(super) fn respond_itself<B: Body>(
        self,
        mut response: Response<()>,
    ) -> Response<RequestContextBody<B, H>> {
        let Self { header, mut ending } = self;
        echo(ending.capture.context.request_id(), header, response.headers_mut());
        ending.catch_up();
        let mut response = response.map(|()| RequestContextBody::new(None, ending));
        RequestContextBody::note(&mut response);
        response
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
