//! What is written by hand where there is no layer to take.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;
use opentelemetry::context::FutureExt as _;
use opentelemetry::context::WithContext;
use sentry_core::Hub;
use sentry_core::SentryFuture;
use sentry_core::SentryFutureExt as _;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use tower::Layer;
use tower::Service;
use uuid::Uuid;

/// What is put around the future of each request.
pub trait PerRequest: Clone {
    type Of<F: Future>: Future<Output = F::Output>;
    fn around<F: Future>(future: F) -> Self::Of<F>;
}

/// A layer that puts `P` around each request.
#[derive(Clone)]
pub struct Around<P>(pub P);

#[derive(Clone)]
pub struct AroundService<S, P> {
    inner: S,
    _per_request: P,
}

impl<S, P: PerRequest> Layer<S> for Around<P> {
    type Service = AroundService<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        AroundService { inner, _per_request: self.0.clone() }
    }
}

impl<S: Service<Request>, P: PerRequest> Service<Request> for AroundService<S, P> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = P::Of<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        P::around(self.inner.call(request))
    }
}

/// What the others are compared with.
#[derive(Clone)]
pub struct Nothing;

impl PerRequest for Nothing {
    type Of<F: Future> = F;
    fn around<F: Future>(future: F) -> F {
        future
    }
}

/// A context of opentelemetry's own that holds the request ID.
#[derive(Clone)]
pub struct OtelContext;

struct OtelRequestId(#[expect(dead_code, reason = "the handler does not read it")] Uuid);

impl PerRequest for OtelContext {
    type Of<F: Future> = WithContext<F>;
    fn around<F: Future>(future: F) -> WithContext<F> {
        let context = opentelemetry::Context::new().with_value(OtelRequestId(Uuid::new_v4()));
        future.with_context(context)
    }
}

/// What sentry-tower's `NewSentryLayer` does, and the request ID as a tag.
#[derive(Clone)]
pub struct FreshHub;

impl PerRequest for FreshHub {
    type Of<F: Future> = SentryFuture<F>;
    fn around<F: Future>(future: F) -> SentryFuture<F> {
        let hub = Hub::new_from_top(Hub::current());
        hub.configure_scope(|scope| scope.set_tag("request.id", Uuid::new_v4()));
        future.bind_hub(Arc::new(hub))
    }
}

#[derive(Clone)]
struct CurrentUser {
    _name: String,
}

tokio::task_local! {
    static USER: CurrentUser;
}

/// The pattern of axum's documentation, "Sharing state with handlers", for `from_fn`.
///
/// # Errors
/// Those requests without a credential are not passed on.
pub async fn in_task_local(request: Request, next: Next) -> Result<Response, StatusCode> {
    let credential = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credential = credential.ok_or(StatusCode::UNAUTHORIZED)?;
    match authorize(credential).await {
        Some(user) => Ok(USER.scope(user, next.run(request)).await),
        None => Err(StatusCode::UNAUTHORIZED),
    }
}

async fn authorize(credential: &str) -> Option<CurrentUser> {
    credential.strip_prefix("Bearer ").map(|name| CurrentUser { _name: name.to_owned() })
}
