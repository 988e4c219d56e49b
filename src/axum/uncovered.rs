//! [`uncovered`]: which routes no layer covers.

use crate::tower::Probe;
use axum_core::body::Body;
use http::Method;
use http::Request;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::pin;
use std::task::Poll;
use tower_service::Service;

/// Those of the `routes` where no [`RequestContextLayer`](crate::tower::RequestContextLayer) sees
/// the request, as `"GET /path"`: for a test of the finished `Router`.
///
/// `Router::layer` covers what was added before it, so a route that is added below it later runs
/// without a context. A request is sent to each route, in process. The layer tells that it has seen
/// it and answers at once, without authentication, so only a handler that is **not** covered is
/// called; if it panics for want of a context, that is caught.
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use axum::routing::post;
/// use http::Method;
/// use request_context::axum::uncovered;
/// use request_context::tower::RequestContextLayer;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let router = Router::new()
///     .route("/notes", get(|| async {}))
///     .layer(RequestContextLayer::new())
///     .route("/notes", post(|| async {})); // too late
///
/// let routes = [(Method::GET, "/notes"), (Method::POST, "/notes")];
/// assert_eq!(uncovered(router, routes).await, ["POST /notes"]);
/// # });
/// ```
///
/// # Limits
/// - A path that no route matches goes to the fallback and asks about that: mind the spelling.
/// - A route is also named where a layer further out answers by itself, and where the path is none:
///   it has to begin with `/`.
/// - The layer's hook at the end is told of each of these requests, with status 503.
/// - A handler that is not covered is waited for until it has answered.
///
/// # Panics
/// When `clone` of the service does. A panic anywhere else ends that request, and nothing more.
pub async fn uncovered<S, B, P>(
    service: S,
    routes: impl IntoIterator<Item = (Method, P)>,
) -> Vec<String>
where
    S: Service<Request<Body>, Response = http::Response<B>> + Clone,
    P: AsRef<str>,
{
    let mut uncovered = Vec::new();
    for (method, path) in routes {
        let path = path.as_ref();
        if !is_covered(service.clone(), &method, path).await {
            uncovered.push(format!("{method} {path}"));
        }
    }
    uncovered
}

async fn is_covered<S>(mut service: S, method: &Method, path: &str) -> bool
where
    S: Service<Request<Body>>,
{
    let probe = Probe::default();
    let request = Request::builder().method(method).uri(path).extension(probe.clone());
    let Ok(request) = request.body(Body::empty()) else { return false };
    if !path.starts_with('/') {
        return false;
    }
    let mut answer = pin!(async {
        poll_fn(|cx| service.poll_ready(cx)).await?;
        service.call(request).await
    });
    poll_fn(|cx| {
        let poll = AssertUnwindSafe(|| answer.as_mut().poll(cx).map(drop));
        catch_unwind(poll).unwrap_or(Poll::Ready(()))
    })
    .await;
    probe.was_seen()
}
