//! The extractors refuse a gRPC client in terms of gRPC.

use crate::support::Log;
use crate::support::Reply;
use crate::support::as_eve;
use crate::support::in_layer;
use crate::support::reply;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn;
use axum::routing::post;
use http::HeaderName;
use http::StatusCode;
use request_context::RequestContext;
use request_context::axum::CurrentSession;
use request_context::axum::CurrentUser;

/// What a client sends, and what it reads.
const TYPES: [(&str, &str); 5] = [
    ("application/grpc", "application/grpc"),
    ("application/grpc+proto", "application/grpc"),
    ("application/grpc-web+proto", "application/grpc-web"),
    ("application/grpc-web", "application/grpc-web"),
    ("application/grpc-web-text+proto", "application/grpc-web-text"),
];

fn router() -> Router {
    Router::new()
        .route("/user", post(|_: CurrentUser| async {}))
        .route("/session", post(|_: CurrentSession| async {}))
        .route("/context", post(|_: RequestContext| async {}))
}

async fn send(app: &Router, path: &str, content_type: &str) -> Reply {
    let request = Request::post(path).header("content-type", content_type);
    reply(app, request.body(Body::empty()).unwrap()).await
}

fn names(reply: &Reply) -> Vec<&str> {
    let names = reply.headers.keys().map(HeaderName::as_str);
    let mut names: Vec<_> = names.filter(|name| *name != "x-request-id").collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn who_is_nobody_is_unauthenticated() {
    let app = in_layer(router());
    for (sent, read) in TYPES {
        for path in ["/user", "/session"] {
            let reply = send(&app, path, sent).await;
            assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, ""), "{sent}");
            assert_eq!(reply.headers["content-type"], read, "{sent}");
            assert_eq!(reply.headers["grpc-status"], "16", "{sent}");
            assert_eq!(reply.headers["www-authenticate"], "Bearer");
            assert_eq!(reply.headers["cache-control"], "no-store");
        }
    }
    let reply = send(&app, "/user", "application/json").await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(
        !reply.headers.contains_key("grpc-status") && !reply.headers.contains_key("content-type")
    );
}

#[tokio::test]
async fn a_fault_of_the_server_is_internal_and_tells_nothing_else() {
    let log = Log::start();
    let without_layer = router();
    let of_another = in_layer(router().layer(from_fn(as_eve)));
    for app in [without_layer, of_another] {
        for (sent, read) in TYPES {
            for path in ["/user", "/session", "/context"] {
                let reply = send(&app, path, sent).await;
                assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, ""), "{sent}");
                assert_eq!(reply.headers["content-type"], read, "{sent}");
                assert_eq!(reply.headers["grpc-status"], "13", "{sent}");
                let expected = ["content-length", "content-type", "grpc-status"];
                assert_eq!(names(&reply), expected, "{sent}");
                assert_eq!(log.take().len(), 1);
            }
        }
    }
}
