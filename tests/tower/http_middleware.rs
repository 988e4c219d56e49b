//! The middleware of tower-http around the layer and below it.

use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::logged;
use crate::support::text_of;
use crate::support::trusting;
use crate::support::whose;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use futures::stream;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http_body_util::BodyExt;
use request_context::tower::EndReason::Complete;
use request_context::tower::EndReason::Panicked;
use std::convert::Infallible;
use std::fmt::Debug;
use std::time::Duration;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::MakeRequestUuid;
use tower_http::request_id::PropagateRequestIdLayer;
use tower_http::request_id::SetRequestIdLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

fn request(path: &str) -> Request {
    let request = Request::get(path).header("authorization", "Bearer ada").header(HEADER, "r");
    request.header("accept-encoding", "gzip").body(Body::empty()).unwrap()
}

fn app() -> Router {
    let seen = || format!("{} {} ", whose(), here());
    let frames = move || async move {
        Body::from_stream(stream::iter(0..100).map(move |_| Ok::<_, Infallible>(seen())))
    };
    use futures::StreamExt;
    Router::new()
        .route("/", get(frames))
        .route("/panic", get(|| async { std::panic::resume_unwind(Box::new("planted")) as () }))
        .route(
            "/panic-in-body",
            get(|| async {
                Body::from_stream(stream::once(async {
                    std::panic::resume_unwind(Box::new("planted")) as Result<String, Infallible>
                }))
            }),
        )
}

/// Logs at each stage of tower-http's tracing.
macro_rules! tracing_layer {
    () => {
        TraceLayer::new_for_http()
            .make_span_with(|_: &Request| tracing::info_span!("traced"))
            .on_request(|_: &Request, _: &Span| tracing::info!("request"))
            .on_response(|_: &Response<_>, _: Duration, _: &Span| tracing::info!("response"))
            .on_eos(|_: Option<&_>, _: Duration, _: &Span| tracing::info!("eos"))
    };
}

async fn assert_body_of_ada<B>(body: B)
where
    B: http_body::Body<Error: Debug>,
{
    assert_eq!(text_of(body).await, "ada r ".repeat(100));
}

#[tokio::test]
async fn trace_below_logs_in_the_context_with_its_span_inside_ours() {
    let (logged, _guard) = logged();
    let (hook, mut ends) = ends();
    let layer = trusting().authenticate(by_token).on_end(hook);
    let response = layer.layer(tracing_layer!().layer(app())).oneshot(request("/")).await.unwrap();
    assert_body_of_ada(response.into_body()).await;
    assert_eq!(ends.only().what(), (Complete, Some(200), 600));
    let lines = logged.lines();
    let messages: Vec<_> =
        lines.iter().map(|line| line["fields"]["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["request", "response", "eos"]);
    for line in lines {
        assert_eq!((&line["request.id"], &line["user.id"]), (&"r".into(), &"ada".into()), "{line}");
        assert_eq!(line["spans"][0]["name"], "request");
        assert_eq!(line["spans"][1]["name"], "traced");
    }
}

#[tokio::test]
async fn trace_around_works_and_its_own_lines_have_no_context() {
    let (logged, _guard) = logged();
    let (hook, mut ends) = ends();
    let layer = trusting().authenticate(by_token).on_end(hook);
    let response = tracing_layer!().layer(layer.layer(app())).oneshot(request("/")).await.unwrap();
    assert_eq!(response.headers()[HEADER], "r");
    assert_body_of_ada(response.into_body()).await;
    assert_eq!(ends.only().what(), (Complete, Some(200), 600));
    let lines = logged.lines();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.get("request.id").is_none()));
    assert!(lines.iter().all(|line| line["spans"][0]["name"] == "traced"));
}

#[tokio::test]
async fn compression_around_and_below_compresses_and_the_request_is_complete() {
    for is_below in [true, false] {
        let (hook, mut ends) = ends();
        let layer = trusting().authenticate(by_token).on_end(hook);
        let response = if is_below {
            let service = layer.layer(CompressionLayer::new().layer(app()));
            service.oneshot(request("/")).await.unwrap().map(Body::new)
        } else {
            let service = CompressionLayer::new().layer(layer.layer(app()));
            service.oneshot(request("/")).await.unwrap().map(Body::new)
        };
        assert_eq!(response.headers()[HEADER], "r");
        assert_eq!(response.headers()["content-encoding"], "gzip");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(b"\x1f\x8b") && body.len() < 300, "compressed");
        let end = ends.only();
        // The bytes are those that passed the layer.
        let bytes = if is_below { body.len() as u64 } else { 600 };
        assert_eq!((end.what(), end.user.as_str()), ((Complete, Some(200), bytes), "ada"));
    }
}

#[tokio::test]
async fn a_panic_caught_below_is_a_500_with_the_id() {
    let (hook, mut ends) = ends();
    let layer = trusting().authenticate(by_token).on_end(hook);
    let mut service = layer.layer(CatchPanicLayer::new().layer(app()));
    let response = service.call(request("/panic")).await.unwrap();
    assert_eq!(response.status(), 500);
    assert_eq!(response.headers()[HEADER], "r");
    drop(text_of(response.into_body()).await);
    let end = ends.only();
    assert_eq!((end.reason, end.status), (Complete, Some(500)));
    assert_eq!(here(), "nowhere");
    assert_body_of_ada(service.call(request("/")).await.unwrap().into_body()).await;
}

/// The response is made where the ID is not known: catch panics below the layer.
#[tokio::test]
async fn a_panic_caught_around_it_is_a_500_without_the_id_and_told_to_the_hook() {
    let (hook, mut ends) = ends();
    let layer = trusting().authenticate(by_token).on_end(hook);
    let mut service = CatchPanicLayer::new().layer(layer.layer(app()));
    let response = service.call(request("/panic")).await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(!response.headers().contains_key(HEADER));
    let end = ends.only();
    assert_eq!((end.what(), end.user.as_str()), ((Panicked, None, 0), "ada"));
    assert_eq!(here(), "nowhere");
    assert_body_of_ada(service.call(request("/")).await.unwrap().into_body()).await;
}

#[tokio::test]
async fn a_panic_in_the_body_is_told_to_the_hook_and_leaves_no_scope() {
    let (hook, mut ends) = ends();
    let layer = trusting().authenticate(by_token).on_end(hook);
    let response = layer.layer(app()).oneshot(request("/panic-in-body")).await.unwrap();
    let polled = std::panic::AssertUnwindSafe(response.into_body().collect());
    assert!(futures::FutureExt::catch_unwind(polled).await.is_err());
    assert_eq!(here(), "nowhere");
    assert_eq!(ends.only().what(), (Panicked, Some(200), 0));
}

#[tokio::test]
async fn an_id_set_by_tower_http_around_it_is_taken_if_that_is_trusted() {
    let service = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(HEADER, MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(HEADER))
        .layer(trusting())
        .service(Router::new().route("/", get(|| async { here() })));
    let response = service.oneshot(Request::new(Body::empty())).await.unwrap();
    let id = response.headers()[HEADER].clone();
    assert_eq!(response.headers().get_all(HEADER).iter().count(), 1);
    assert_eq!(text_of(response.into_body()).await, id);
}

#[tokio::test]
async fn an_incoming_id_that_was_replaced_is_what_tower_http_below_sees() {
    let service = ServiceBuilder::new()
        .layer(request_context::tower::RequestContextLayer::new())
        .layer(SetRequestIdLayer::new(HEADER, MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(HEADER))
        .service(Router::new().route("/", get(|| async { here() })));
    let mut request = Request::new(Body::empty());
    request.headers_mut().insert(HEADER, HeaderValue::from_static("forged"));
    let response = service.oneshot(request).await.unwrap();
    let id = response.headers()[HEADER].clone();
    assert_ne!(id, "forged");
    assert_eq!(text_of(response.into_body()).await, id, "one ID, not two");
}

#[tokio::test]
async fn everything_around_and_below_at_once_serves() {
    let (hook, mut ends) = ends();
    let mut service = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new())
        .layer(TraceLayer::new_for_http())
        .layer(trusting().authenticate(by_token).on_end(hook))
        .layer(TraceLayer::new_for_http())
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .service(app());
    let mut plain = request("/");
    plain.headers_mut().remove("accept-encoding");
    assert_body_of_ada(service.call(plain).await.unwrap().into_body()).await;
    assert_eq!(ends.only().what(), (Complete, Some(200), 600));
    let response = service.call(request("/panic")).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()[HEADER]),
        (500, &HeaderValue::from_static("r"))
    );
}
