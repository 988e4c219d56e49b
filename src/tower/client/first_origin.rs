//! [`FirstOriginLayer`]: remembers, above what follows redirects, where the caller wanted to go.

use super::Origin;
use http::Request;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use tower_layer::Layer;
use tower_service::Service;

/// The upper half of [`ClientLayer::around_redirects`](super::ClientLayer::around_redirects).
///
/// It refuses nothing and fails by nothing: what it cannot tell the origin of, the lower half refuses.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct FirstOriginLayer {
    _private: (),
}

impl FirstOriginLayer {
    pub(super) fn new() -> Self {
        Self { _private: () }
    }
}

impl<S> Layer<S> for FirstOriginLayer {
    type Service = FirstOriginService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        FirstOriginService { inner }
    }
}

/// The service that a [`FirstOriginLayer`] makes.
#[derive(Clone, Debug)]
pub struct FirstOriginService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for FirstOriginService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if let Some(origin) = Origin::of(request.uri()) {
            request.extensions_mut().insert(FirstOrigin::new(origin));
        }
        self.inner.call(request)
    }
}

/// In the extensions of a request, all hops of which share it. Who follows the redirects may take it
/// away, as tower-http's standard policy does when it leaves the origin.
#[derive(Clone)]
pub(super) struct FirstOrigin(Arc<Route>);

struct Route {
    first: Origin,
    has_left: AtomicBool,
}

impl FirstOrigin {
    fn new(first: Origin) -> Self {
        Self(Arc::new(Route { first, has_left: AtomicBool::new(false) }))
    }

    /// Whether a hop to `origin` stays where the caller wanted to go. False for good after one that
    /// did not: another host may lead back, but to a place of its own choice.
    pub(super) fn admits(&self, origin: &Origin) -> bool {
        if *origin != self.0.first {
            self.0.has_left.store(true, Ordering::Relaxed);
        }
        !self.0.has_left.load(Ordering::Relaxed)
    }
}
