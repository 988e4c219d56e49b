//! `ObserveOutgoing`: the service of `ObserveOutgoingLayer`.

use super::observed_body::ObservedBody;
use super::of_session::OfSession;
use http::Request;
use std::task::Context;
use std::task::Poll;
use tower_service::Service;

/// The service of [`ObserveOutgoingLayer`](super::ObserveOutgoingLayer).
#[derive(Clone, Debug)]
pub struct ObserveOutgoing<S> {
    inner: S,
}

impl<S> ObserveOutgoing<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B> Service<Request<B>> for ObserveOutgoing<S>
where
    S: Service<Request<ObservedBody<B>>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        let session = OfSession::current();
        if let Some(session) = &session {
            session.look("method", request.method().as_str().as_bytes());
            session.look("uri", request.uri().to_string().as_bytes());
            for (name, value) in request.headers() {
                session.look(name.as_str(), value.as_bytes());
            }
        }
        self.inner.call(request.map(|body| ObservedBody::new(body, session)))
    }
}
