//! One request, one ID: in the context, the span, the log, the hook, child work and the response.

use crate::support::Logged;
use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::identity;
use crate::support::logged;
use crate::support::text_of;
use crate::support::trusting;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use futures::StreamExt;
use futures::stream;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::RequestContextLayer;
use request_context::tower::bearer_token;
use std::convert::Infallible;
use std::future::Ready;
use std::future::ready;
use std::sync::Arc;
use std::sync::Mutex;
use tower::Layer;
use tower::ServiceExt;
use tracing::Span;
use tracing::field;

/// Logs in the handler, in child tasks, in the body and in its destructor.
fn app() -> Router {
    struct LogsItsDrop;
    impl Drop for LogsItsDrop {
        fn drop(&mut self) {
            tracing::info!("dropped");
        }
    }
    Router::new().route(
        "/",
        get(|| async {
            let logs_its_drop = LogsItsDrop;
            tracing::info!("handler");
            request_context::spawn(async { tracing::info!("task") }).await.unwrap();
            let id_in_pool = request_context::spawn_blocking(here).await.unwrap();
            assert_eq!(id_in_pool, here());
            let placed = stream::iter([()]).map(move |()| {
                let _logs_its_drop = &logs_its_drop;
                tracing::info!("body");
                Ok::<_, Infallible>(here())
            });
            Body::from_stream(placed)
        }),
    )
}

#[track_caller]
fn assert_lines(logged: &Logged, messages: &[&str], id: &str, user: Option<&str>) {
    let lines = logged.lines();
    let seen: Vec<_> =
        lines.iter().map(|line| line["fields"]["message"].as_str().unwrap()).collect();
    assert_eq!(seen, messages);
    for line in lines {
        assert_eq!(line["request.id"], id, "{line}");
        assert_eq!(line.get("user.id").map(|user| user.as_str().unwrap()), user, "{line}");
        assert_eq!(line["spans"][0]["name"], "request", "{line}");
    }
}

#[tokio::test]
async fn the_id_is_the_same_in_context_span_log_hook_child_and_response() {
    let (logged, _guard) = logged();
    let (hook, mut ends) = ends();
    let on_end = move |end: &_| {
        tracing::info!("end");
        hook(end);
    };
    let service = RequestContextLayer::new().authenticate(by_token).on_end(on_end).layer(app());
    let request = Request::get("/").header("authorization", "Bearer ada");
    let response = service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(text_of(response.into_body()).await, id);
    let end = ends.only();
    assert_eq!(
        (end.id.as_str(), end.user.as_str(), end.span),
        (id.as_str(), "ada", Some("request"))
    );
    assert_lines(&logged, &["handler", "task", "body", "end", "dropped"], &id, Some("ada"));
    let span = logged.request();
    assert_eq!((&*span["request.id"], &*span["user.id"]), (&*id, "ada"));
    assert_eq!(span.get("closed").map(String::as_str), Some("true"), "nothing keeps the span open");
}

#[tokio::test]
async fn the_session_is_on_span_and_line_too() {
    let (logged, _guard) = logged();
    fn with_session(_: &http::request::Parts) -> Ready<Authentication> {
        ready(Authentication::Identified(identity("ada").session("s-1".parse().unwrap())))
    }
    let service = trusting().authenticate(with_session).layer(app());
    let response = service.oneshot(Request::new(Body::empty())).await.unwrap();
    text_of(response.into_body()).await;
    assert_eq!(logged.request()["session.id"], "s-1");
    assert!(logged.lines().iter().all(|line| line["session.id"] == "s-1"));
}

#[tokio::test]
async fn authentication_logs_with_the_id_and_the_span_and_without_a_user() {
    let (logged, _guard) = logged();
    let authenticate = |parts: &http::request::Parts| {
        tracing::info!("asked");
        let token = bearer_token(&parts.headers).unwrap().unwrap().to_owned();
        async move {
            tracing::info!("answers");
            tokio::task::yield_now().await;
            tracing::info!("answers still");
            Authentication::Identified(identity(&token))
        }
    };
    let service = trusting().authenticate(authenticate).layer(Router::new());
    let request =
        Request::get("/").header("authorization", "Bearer ada").header("x-request-id", "r");
    service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_lines(&logged, &["asked", "answers", "answers still"], "r", None);
    assert_eq!(logged.request()["user.id"], "ada");
}

#[tokio::test]
async fn a_span_of_the_users_own_is_made_in_the_context_and_has_the_user_recorded() {
    let (logged, _guard) = logged();
    let layer = trusting().make_span(|context, parts| {
        assert_eq!(here(), context.request_id().as_str());
        assert!(context.user().is_none());
        let path = parts.uri.path();
        let id = context.request_id().as_str();
        tracing::info_span!("request", path, request.id = id, user.id = field::Empty)
    });
    let service = layer.authenticate(by_token).layer(app());
    let request =
        Request::get("/").header("authorization", "Bearer ada").header("x-request-id", "r");
    let response = service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    text_of(response.into_body()).await;
    let span = logged.request();
    assert_eq!([&*span["path"], &*span["request.id"], &*span["user.id"]], ["/", "r", "ada"]);
    assert!(span.contains_key("closed"));
    assert_lines(&logged, &["handler", "task", "body", "dropped"], "r", Some("ada"));
}

#[tokio::test]
async fn a_context_that_is_kept_after_the_request_keeps_no_span_open() {
    let (logged, _guard) = logged();
    let kept = Arc::<Mutex<Vec<RequestContext>>>::default();
    let keeper = Arc::clone(&kept);
    let keep = move || {
        let keeper = Arc::clone(&keeper);
        async move {
            let ada = RequestContext::current().sign_in(identity("ada"));
            keeper.lock().unwrap().extend([RequestContext::current(), ada]);
        }
    };
    let service = trusting().layer(Router::new().route("/", get(keep)));
    let response = service.oneshot(Request::new(Body::empty())).await.unwrap();
    assert!(!logged.request().contains_key("closed"));
    text_of(response.into_body()).await;
    assert!(logged.request().contains_key("closed"));
    // What signs in too late is recorded on no span, its own or another's.
    let _ = kept.lock().unwrap()[0].sign_in(identity("bob"));
    assert_eq!(logged.request()["user.id"], "ada");
}

#[tokio::test]
async fn without_a_span_the_lines_have_the_ids_all_the_same() {
    let (logged, _guard) = logged();
    let service = trusting().without_span().authenticate(by_token).layer(Router::new().route(
        "/",
        get(|| async {
            assert!(Span::current().is_none());
            tracing::info!("handler");
            let _ = RequestContext::current().sign_in(identity("bob"));
        }),
    ));
    let request =
        Request::get("/").header("authorization", "Bearer ada").header("x-request-id", "r");
    service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert!(logged.requests().is_empty());
    let lines = logged.lines();
    assert_eq!((&lines[0]["request.id"], &lines[0]["user.id"]), (&"r".into(), &"ada".into()));
}
