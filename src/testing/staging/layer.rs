//! `PerturbLayer`: a layer that perturbs the handling of each request.

use super::perturbed::Perturbed;
use crate::testing::schedule::Rng;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Context;
use std::task::Poll;
use tower_layer::Layer;
use tower_service::Service;

/// A layer that has the future of each request [`Perturbed`]: for a staging system, under the load
/// that it has, beside [`LeakTest`](crate::testing::LeakTest) with its URL.
///
/// Response bodies are not perturbed. It takes no identity and keeps nothing but a counter.
#[derive(Clone, Debug)]
pub struct PerturbLayer {
    seed: u64,
}

impl PerturbLayer {
    /// A layer with its own numbers for each request.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }
}

impl<S> Layer<S> for PerturbLayer {
    type Service = PerturbService<S>;

    fn layer(&self, inner: S) -> PerturbService<S> {
        PerturbService { inner, seed: self.seed, requests: Arc::default() }
    }
}

/// The service of [`PerturbLayer`].
#[derive(Clone, Debug)]
pub struct PerturbService<S> {
    inner: S,
    seed: u64,
    requests: Arc<AtomicU64>,
}

impl<S, R> Service<R> for PerturbService<S>
where
    S: Service<R>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Perturbed<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Perturbed<S::Future> {
        let number = self.requests.fetch_add(1, Relaxed);
        let seed = Rng::of(self.seed, &[number]).next_u64();
        Perturbed::new(self.inner.call(request), seed)
    }
}
