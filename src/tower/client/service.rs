//! [`ClientService`]: the inner service, called on behalf of the current request.

use super::body::ClientBody;
use super::error::ClientError;
use super::future::ClientFuture;
use super::outgoing::Outgoing;
use http::Request;
use http_body::Body;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use tower_service::Service;

/// The service that a [`ClientLayer`](super::ClientLayer) makes.
///
/// A call is made for whom the code works that **calls**; who polls the future does not matter. So
/// `context.scope(client.call(request))` is too late: the call comes first.
///
/// # Errors
/// `call` itself does not fail; its [future](ClientFuture) does, by a [`ClientError`].
///
/// # Panics
/// `call` panics when a function given to [`identity`](super::ClientLayer::identity) or
/// [`propagate`](super::ClientLayer::propagate) does, or the inner service's; nothing was sent by
/// the first two.
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    inner: S,
    outgoing: Arc<Outgoing>,
}

impl<S> ClientService<S> {
    pub(super) fn new(inner: S, outgoing: Arc<Outgoing>) -> Self {
        Self { inner, outgoing }
    }

    /// The inner service.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service; what is called on it directly takes nothing along.
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

impl<S, B> Service<Request<B>> for ClientService<S>
where
    S: Service<Request<ClientBody<B>>>,
    B: Body,
{
    type Response = S::Response;
    type Error = ClientError<S::Error>;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(ClientError::inner)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.outgoing.prepare(request) {
            Ok(request) => ClientFuture::called(self.inner.call(request)),
            Err(refusal) => ClientFuture::refused(refusal),
        }
    }
}
