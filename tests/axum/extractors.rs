//! What each extractor gives, and what it answers where the client is the one to act.

use crate::support::Reply;
use crate::support::get as send_get;
use crate::support::here;
use crate::support::in_layer;
use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use request_context::MissingIdentity;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::UserId;
use request_context::axum::CurrentSession;
use request_context::axum::CurrentUser;
use request_context::axum::IdentityRejection;
use request_context::spawn_outside;
use request_context::tower::Identity;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// Answers with all that the extractors give.
fn everything() -> Router {
    let context = |context: RequestContext| async move {
        let current = RequestContext::try_current();
        format!("{} {}", context.request_id(), current.is_ok_and(|it| it.user() == context.user()))
    };
    let user = |CurrentUser(user): CurrentUser| async move { user.to_string() };
    let session = |CurrentSession(session): CurrentSession| async move { session.to_string() };
    let optional = |user: Option<CurrentUser>,
                    session: Option<CurrentSession>,
                    context: Option<RequestContext>,
                    id: Option<RequestId>| async move {
        let user = user.as_ref().map_or("no", |user| user.as_str());
        let session = session.as_ref().map_or("no", |session| session.as_str());
        let is_same = context.is_some_and(|context| Some(context.request_id()) == id.as_ref());
        format!("{user} {session} {is_same}")
    };
    Router::new()
        .route("/context", get(context))
        .route("/id", get(|id: RequestId| async move { id.to_string() }))
        .route("/user", get(user))
        .route("/session", get(session))
        .route("/optional", get(optional))
}

#[tokio::test]
async fn each_extractor_gives_what_the_layer_found_out() {
    let app = in_layer(everything());
    let reply = send_get(&app, "/context", "ada.7").await;
    assert_eq!(reply.body, format!("{} true", reply.request_id().unwrap()));
    let reply = send_get(&app, "/id", "ada.7").await;
    assert_eq!(reply.body, reply.request_id().unwrap());
    assert_eq!(send_get(&app, "/user", "ada.7").await.body, "ada");
    assert_eq!(send_get(&app, "/session", "ada.7").await.body, "7");
    assert_eq!(send_get(&app, "/optional", "ada.7").await.body, "ada 7 true");
}

fn assert_unauthorized(reply: &Reply) {
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::UNAUTHORIZED, ""));
    assert_eq!(reply.headers["www-authenticate"], "Bearer");
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert!(reply.request_id().is_some());
}

#[tokio::test]
async fn an_anonymous_request_for_the_user_or_the_session_is_challenged() {
    let app = in_layer(everything());
    assert_unauthorized(&send_get(&app, "/user", "").await);
    assert_unauthorized(&send_get(&app, "/session", "").await);
}

#[tokio::test]
async fn a_user_without_a_session_is_challenged_for_the_session_alone() {
    let app = in_layer(everything());
    assert_eq!(send_get(&app, "/user", "ada").await.body, "ada");
    assert_unauthorized(&send_get(&app, "/session", "ada").await);
}

#[tokio::test]
async fn an_option_is_none_for_what_is_absent() {
    let app = in_layer(everything());
    assert_eq!(send_get(&app, "/optional", "").await.body, "no no true");
    assert_eq!(send_get(&app, "/optional", "ada").await.body, "ada no true");
}

#[tokio::test]
async fn a_malformed_credential_is_rejected_also_where_the_user_is_optional() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let handler = move |_: Option<CurrentUser>| {
        counted.fetch_add(1, Ordering::Relaxed);
        async {}
    };
    let app = in_layer(Router::new().route("/", get(handler)));
    for token in ["wrong", "two words", " ", "ünicode"] {
        let reply = send_get(&app, "/", token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{token}");
        assert_eq!(reply.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_handler_may_answer_in_its_own_way() {
    let handler = |user: Result<CurrentUser, IdentityRejection>| async move {
        match user {
            Ok(user) => format!("hello {}", user.as_str()),
            Err(rejection)
                if rejection.missing_identity().is_some_and(MissingIdentity::is_user) =>
            {
                "please sign in".to_owned()
            }
            Err(rejection) => panic!("{rejection}"),
        }
    };
    let app = in_layer(Router::new().route("/", get(handler)));
    let reply = send_get(&app, "/", "").await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "please sign in"));
    assert_eq!(send_get(&app, "/", "ada").await.body, "hello ada");
}

async fn hand_to_another_task(request: Request, next: Next) -> Response {
    spawn_outside(next.run(request)).await.unwrap()
}

#[tokio::test]
async fn on_another_task_the_extractors_still_find_the_context_of_the_request() {
    let router = everything().route("/here", get(|_: CurrentUser| async { here() }));
    let app = in_layer(router.layer(from_fn(hand_to_another_task)));
    assert_eq!(send_get(&app, "/here", "ada.7").await.body, "outside");
    let reply = send_get(&app, "/context", "ada.7").await;
    assert_eq!(reply.body, format!("{} false", reply.request_id().unwrap()));
    assert_eq!(send_get(&app, "/user", "ada.7").await.body, "ada");
    assert_eq!(send_get(&app, "/optional", "ada.7").await.body, "ada 7 true");
    assert_unauthorized(&send_get(&app, "/user", "").await);
}

async fn sign_in(request: Request, next: Next) -> Response {
    let identity = Identity::new("grace".parse().unwrap()).session("g".parse().unwrap());
    RequestContext::current().sign_in(identity).scope(next.run(request)).await
}

#[tokio::test]
async fn after_a_sign_in_the_extractors_give_the_new_user() {
    let app = in_layer(everything().layer(from_fn(sign_in)));
    for token in ["", "ada.7"] {
        assert_eq!(send_get(&app, "/optional", token).await.body, "grace g true");
        assert_eq!(send_get(&app, "/user", token).await.body, "grace");
        let reply = send_get(&app, "/id", token).await;
        assert_eq!(reply.body, reply.request_id().unwrap());
    }
}

#[test]
fn a_current_user_reads_as_the_id_that_it_is() {
    let user = CurrentUser("ada".parse().unwrap());
    let id: &UserId = &user;
    assert_eq!((id.as_str(), &user.0), ("ada", id));
    assert_eq!(format!("{user:?}"), format!("CurrentUser({id:?})"));
    let session = CurrentSession("s".parse().unwrap());
    assert_eq!(session.as_str(), session.0.as_str());
}
