//! A refused gRPC client is told in terms of gRPC: status 200 and a `grpc-status`.

use crate::support::text_of;
use crate::support::trusting;
use axum::body::Body;
use axum::extract::Request;
use http::Response;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http_body::Body as _;
use request_context::tower::Authentication;
use std::convert::Infallible;
use std::future::Ready;
use std::future::ready;
use tower::Layer;
use tower::ServiceExt;

/// Each with the type of the answer, which such a client reads.
const GRPC: &[(&str, &str)] = &[
    ("application/grpc", "application/grpc"),
    ("application/grpc+proto", "application/grpc"),
    ("application/grpc+json", "application/grpc"),
    ("application/grpc; charset=utf-8", "application/grpc"),
    ("application/grpc-webby", "application/grpc"),
    ("application/grpc-web", "application/grpc-web"),
    ("application/grpc-web+proto", "application/grpc-web"),
    ("application/grpc-web;charset=utf-8", "application/grpc-web"),
    ("application/grpc-web-text", "application/grpc-web-text"),
    ("application/grpc-web-text+proto", "application/grpc-web-text"),
    ("application/grpc-web-text-base64", "application/grpc-web-text"),
    ("APPLICATION/GRPC", "application/grpc"),
    ("Application/gRPC+Proto", "application/grpc"),
    ("Application/gRPC-Web+Proto", "application/grpc-web"),
];

const OTHER: &[&str] = &[
    "application/json",
    "application/grp",
    "application/grpcx",
    "application/grpc.v1",
    "application/grpc/proto",
    "text/application/grpc",
    "",
    " application",
    "application/grp\u{e9}",
];

async fn refused(
    content_type: Option<&str>,
    answer: Authentication,
    credentials: usize,
) -> Response<impl http_body::Body<Error = impl std::fmt::Debug>> {
    let unreachable =
        tower::service_fn(|_: Request| -> Ready<Result<Response<Body>, Infallible>> {
            panic!("the inner service was called")
        });
    let service =
        trusting().authenticate(move |_: &Parts| ready(answer.clone())).layer(unreachable);
    let mut request = Request::post("/grpc.health.v1.Health/Check").header("x-request-id", "r");
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type.as_bytes());
    }
    for _ in 0..credentials {
        request = request.header("authorization", "Bearer ada");
    }
    service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_rejection_is_status_16_and_an_outage_14() {
    for (content_type, of_answer) in GRPC {
        for (answer, credentials, status) in [
            (Authentication::rejected(), 1, "16"),
            (Authentication::Unavailable, 1, "14"),
            (Authentication::Anonymous, 2, "16"),
        ] {
            let response = refused(Some(content_type), answer, credentials).await;
            assert_eq!(response.status(), 200, "{content_type}");
            let headers = response.headers();
            assert_eq!(headers["grpc-status"], status, "{content_type}");
            assert_eq!(headers[CONTENT_TYPE], of_answer, "{content_type}");
            assert_eq!(headers["x-request-id"], "r");
            assert_eq!(headers.contains_key(WWW_AUTHENTICATE), status == "16");
            assert!(!headers.contains_key(CONTENT_LENGTH));
            assert!(response.body().is_end_stream(), "gRPC: trailers only");
            assert_eq!(text_of(response.into_body()).await, "");
        }
    }
}

#[tokio::test]
async fn every_other_client_is_told_in_terms_of_http() {
    for content_type in OTHER.iter().copied().map(Some).chain([None]) {
        for (answer, status) in
            [(Authentication::rejected(), 401), (Authentication::Unavailable, 503)]
        {
            let response = refused(content_type, answer, 1).await;
            assert_eq!(response.status(), status, "{content_type:?}");
            assert!(!response.headers().contains_key("grpc-status"));
            assert!(!response.headers().contains_key(CONTENT_TYPE));
        }
    }
}
