//! The test helper that names the routes without a layer.

use crate::support::in_layer;
use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::routing::post;
use http::Method;
use http::StatusCode;
use request_context::RequestContext;
use request_context::axum::uncovered;
use request_context::tower::Authentication;
use request_context::tower::RequestContextLayer;
use std::future::pending;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use tower::Layer;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;

const NONE: [&str; 0] = [];

#[tokio::test]
async fn a_router_inside_the_layer_has_no_gap() {
    let router = Router::new().route("/", get(|| async {})).route("/{id}", post(|| async {}));
    let routes = [
        (Method::GET, "/"),
        (Method::POST, "/7?q=1"),
        (Method::PUT, "/"),
        (Method::GET, "/no/such"),
    ];
    assert_eq!(uncovered(in_layer(router.clone()), routes.clone()).await, NONE);
    let app = RequestContextLayer::new().layer(router);
    assert_eq!(uncovered(app, routes).await, NONE);
}

#[tokio::test]
async fn what_was_added_after_the_layer_is_named_in_order() {
    let app = Router::new()
        .route("/early", get(|| async {}))
        .layer(RequestContextLayer::new())
        .route("/early", post(|| async {}))
        .route("/late", get(|| async {}))
        .nest("/api", Router::new().route("/late", get(|| async {})));
    let routes = [
        (Method::GET, "/late"),
        (Method::GET, "/early"),
        (Method::POST, "/early"),
        (Method::GET, "/api/late"),
        (Method::GET, "/nowhere"),
    ];
    assert_eq!(uncovered(app, routes).await, ["GET /late", "POST /early", "GET /api/late"]);
}

#[tokio::test]
async fn a_router_without_the_layer_is_all_gaps() {
    let app = Router::new().route("/", get(|| async { "x-request-id".into_response() }));
    let routes = vec![(Method::GET, "/".to_owned()), (Method::HEAD, "/nowhere".to_owned())];
    assert_eq!(uncovered(app, routes).await, ["GET /", "HEAD /nowhere"]);
}

#[tokio::test]
async fn an_id_that_the_handler_echoes_itself_is_not_taken_for_the_layer() {
    let app = Router::new().route("/", get(|| async { [("x-request-id", "r-1")] }));
    assert_eq!(uncovered(app, [(Method::GET, "/")]).await, ["GET /"]);
}

#[tokio::test]
async fn a_route_layer_leaves_the_fallback_as_a_gap() {
    let app = Router::new().route("/", get(|| async {})).route_layer(RequestContextLayer::new());
    let routes = [(Method::GET, "/"), (Method::GET, "/nowhere")];
    assert_eq!(uncovered(app, routes).await, ["GET /nowhere"]);
}

#[tokio::test]
async fn neither_a_covered_handler_nor_the_authentication_is_called() {
    let calls = Arc::new(AtomicUsize::new(0));
    let (handled, asked) = (Arc::clone(&calls), Arc::clone(&calls));
    let handler = move || {
        handled.fetch_add(1, Ordering::Relaxed);
        pending::<()>()
    };
    let layer = RequestContextLayer::new().authenticate(move |_: &http::request::Parts| {
        asked.fetch_add(1, Ordering::Relaxed);
        ready(Authentication::rejected())
    });
    let app = layer.layer(Router::new().route("/", get(handler)));
    assert_eq!(uncovered(app, [(Method::GET, "/")]).await, NONE);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_handler_that_panics_for_want_of_a_context_is_named_and_the_next_is_asked() {
    let app = Router::new()
        .route("/covered", get(|| async {}))
        .layer(RequestContextLayer::new())
        .route("/panics", get(|| async { RequestContext::current().request_id().to_string() }));
    let routes = [(Method::GET, "/panics"), (Method::GET, "/covered"), (Method::GET, "/panics")];
    assert_eq!(uncovered(app, routes).await, ["GET /panics", "GET /panics"]);
}

#[tokio::test]
async fn other_layers_around_and_below_do_not_hide_the_layer() {
    let router = Router::new().route("/", get(|| async {})).layer(CatchPanicLayer::new());
    let app = ServiceBuilder::new()
        .layer(TraceLayer::new_for_http())
        .layer(RequestContextLayer::new())
        .service(router);
    assert_eq!(uncovered(app, [(Method::GET, "/")]).await, NONE);
}

#[tokio::test]
async fn a_layer_further_out_that_answers_by_itself_leaves_a_gap() {
    let refuse = from_fn(|_: Request, _: Next| ready(StatusCode::FORBIDDEN));
    let app = in_layer(Router::new()).layer(refuse);
    assert_eq!(uncovered(app, [(Method::GET, "/")]).await, ["GET /"]);
}

#[tokio::test]
async fn what_is_no_path_is_named_too() {
    let app = in_layer(Router::new());
    let routes = ["late", "", "/a b", "http://h/", "/good"].map(|path| (Method::GET, path));
    let named = ["GET late", "GET ", "GET /a b", "GET http://h/"];
    assert_eq!(uncovered(app, routes).await, named);
}
