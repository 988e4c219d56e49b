//! A missing layer, and the context of another request: 500, nothing for the client, all in the log.

use crate::support::Log;
use crate::support::Reply;
use crate::support::as_eve;
use crate::support::get as send_get;
use crate::support::in_layer;
use crate::support::send;
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::any;
use axum::routing::get;
use http::HeaderName;
use http::Method;
use http::StatusCode;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::axum::ContextRejection;
use request_context::axum::ContextWebSocketUpgrade;
use request_context::axum::CurrentSession;
use request_context::axum::CurrentUser;
use request_context::axum::IdentityRejection;
use serde_json::Value;

/// The paths of [`strict`].
const PATHS: [&str; 7] =
    ["/context", "/id", "/user", "/session", "/maybe-user", "/maybe-session", "/socket"];

/// One route for each extractor that must fail on a fault of the server.
fn strict() -> Router {
    Router::new()
        .route("/context", get(|_: RequestContext| async {}))
        .route("/id", get(|_: RequestId| async {}))
        .route("/user", get(|_: CurrentUser| async {}))
        .route("/session", get(|_: CurrentSession| async {}))
        .route("/maybe-user", get(|_: Option<CurrentUser>| async {}))
        .route("/maybe-session", get(|_: Option<CurrentSession>| async {}))
        .route("/socket", any(|_: ContextWebSocketUpgrade| async {}))
}

fn assert_silent(reply: &Reply) {
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, ""));
    let mut names: Vec<_> = reply.headers.keys().map(HeaderName::as_str).collect();
    names.retain(|name| *name != "x-request-id");
    assert_eq!(names, ["content-length"]);
}

/// The one line, which is an error; its message.
fn only_error(log: &Log, method: &str, path: &str) -> (Value, String) {
    let mut lines = log.take();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line = lines.remove(0);
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["fields"]["http.request.method"], method);
    assert_eq!(line["fields"]["url.path"], path);
    let message = line["fields"]["message"].as_str().unwrap().to_owned();
    (line, message)
}

#[tokio::test]
async fn without_the_layer_the_client_is_told_nothing_and_the_log_names_the_layer_and_the_place() {
    let log = Log::start();
    for path in PATHS {
        assert_silent(&send_get(&strict(), path, "ada").await);
        let (_, message) = only_error(&log, "GET", path);
        assert!(message.contains("`request_context::tower::RequestContextLayer`"), "{message}");
        assert!(message.contains("around the finished `Router`"), "{message}");
        assert!(message.contains("`Router::layer` leaves out the routes"), "{message}");
    }
}

#[tokio::test]
async fn a_route_below_the_layer_is_without_it() {
    let log = Log::start();
    let app = in_layer(Router::new()).route("/late", get(|_: CurrentUser| async {}));
    assert_silent(&send_get(&app, "/late", "ada").await);
    only_error(&log, "GET", "/late");
}

#[tokio::test]
async fn only_the_optional_context_and_request_id_are_none_without_the_layer() {
    let log = Log::start();
    let handler = |context: Option<RequestContext>, id: Option<RequestId>| async move {
        format!("{} {}", context.is_none(), id.is_none())
    };
    let app = Router::new().route("/", get(handler));
    assert_eq!(send_get(&app, "/", "").await.body, "true true");
    assert_eq!(log.take(), Vec::<Value>::new());
}

#[tokio::test]
async fn in_the_context_of_another_request_every_extractor_fails_loudly() {
    let log = Log::start();
    let optional = Router::new()
        .route("/maybe-context", get(|_: Option<RequestContext>| async {}))
        .route("/maybe-id", get(|_: Option<RequestId>| async {}));
    let app = in_layer(strict().merge(optional).layer(from_fn(as_eve)));
    for path in PATHS.into_iter().chain(["/maybe-context", "/maybe-id"]) {
        for token in ["ada.7", ""] {
            assert_silent(&send_get(&app, path, token).await);
            let (line, message) = only_error(&log, "GET", path);
            assert!(message.contains("in the context of another request"), "{message}");
            assert_eq!(line["user.id"], "eve", "the line names whose context it was");
        }
    }
}

#[tokio::test]
async fn the_log_has_the_path_without_the_query_and_any_method_on_one_line() {
    let log = Log::start();
    let app = Router::new().fallback(|_: CurrentUser| async {});
    let path = "/a%0Alevel=INFO/%1b[31m/%22quoted%22";
    let method: Method = "X-PURGE".parse().unwrap();
    send(&app, method, &format!("{path}?token=hush"), "").await;
    let (line, _) = only_error(&log, "X-PURGE", path);
    assert!(!line.to_string().contains("hush"), "{line}");
}

#[tokio::test]
async fn a_fault_is_logged_also_where_the_handler_answers_in_its_own_way() {
    let log = Log::start();
    let handler = |context: Result<RequestContext, ContextRejection>,
                   user: Result<CurrentUser, IdentityRejection>| async move {
        let fault = context.unwrap_err();
        assert!(fault.is_missing() && !fault.is_mismatch());
        assert!(user.unwrap_err().missing_identity().is_none());
    };
    let app = Router::new().route("/", get(handler));
    assert_eq!(send_get(&app, "/", "").await.status, StatusCode::OK);
    assert_eq!(log.take().len(), 2);
}

#[tokio::test]
async fn a_client_that_has_to_sign_in_is_no_fault_for_the_log() {
    let log = Log::start();
    let app = in_layer(strict());
    assert_eq!(send_get(&app, "/user", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(send_get(&app, "/session", "ada").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(log.take(), Vec::<Value>::new());
}
