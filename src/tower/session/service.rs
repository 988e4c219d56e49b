//! [`SessionService`]: the inner service, each request with its session.

use super::body::SessionBody;
use super::exchange::Exchange;
use super::future::SessionFuture;
use super::future::Waiting;
use super::layer::Config;
use super::refusal;
use super::refusal::Refusal;
use super::transport::Credential;
use crate::context::RequestContext;
use crate::tower::rejection::Protocol;
use bytes::Bytes;
use http::Request;
use http::Response;
use http_body::Body;
use std::fmt;
use std::mem;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use tower_service::Service;

/// The service that a [`SessionLayer`](super::SessionLayer) makes.
#[derive(Clone)]
pub struct SessionService<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> SessionService<S> {
    pub(super) fn new(inner: S, config: Arc<Config>) -> Self {
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

impl<S: fmt::Debug> fmt::Debug for SessionService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for SessionService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone,
    ResponseBody: Body<Data: From<Bytes>>,
{
    type Response = Response<SessionBody<ResponseBody>>;
    type Error = S::Error;
    type Future = SessionFuture<S, RequestBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let protocol = Protocol::of(&parts);
        let context = match RequestContext::of_request(&parts.extensions) {
            Ok(context) => context,
            Err(error) => {
                return SessionFuture::refuse(Refusal::NoContext(error), protocol, Err(&parts));
            }
        };
        let (credential, client) = self.config.transport.credential(&mut parts);
        if client.is_insecure {
            self.config.is_warned.call_once(refusal::log_insecure_cookie);
        }
        let mut exchange = Exchange::new(Arc::clone(&self.config), context, client);
        let request = Request::from_parts(parts, body);
        let admitted = match credential {
            Credential::Token(token) => {
                // The clone that was asked whether it is ready is the one to be called.
                let clone = self.inner.clone();
                let service = mem::replace(&mut self.inner, clone);
                let waiting = Waiting { exchange, service, request, protocol };
                return SessionFuture::open(token, waiting);
            }
            Credential::None => exchange.admit_without(),
            Credential::Malformed => exchange.admit_dead(),
            Credential::Rejected => Err(Refusal::Ambiguous),
            Credential::OfOtherOrigin => Err(Refusal::OfOtherOrigin),
        };
        match admitted {
            Ok(()) => SessionFuture::run(exchange, &mut self.inner, request),
            Err(refusal) => SessionFuture::refuse(refusal, protocol, Ok(&exchange)),
        }
    }
}
