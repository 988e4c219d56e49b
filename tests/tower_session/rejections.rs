//! What a handler answers by `?` where its session fails.

use crate::support::Note;
use crate::support::Watched;
use axum::response::IntoResponse;
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use request_context::RequestContext;
use request_context::axum::SessionRejection;
use request_context::owner::Owner;
use request_context::session::Outbox;
use request_context::session::Session;
use request_context::session::SessionError;
use request_context::session::Sessions;
use request_context::session::StoreError;
use request_context::tower::Challenge;

/// The answer to a write of this many bytes in a session of ada's, to which `before` has happened.
async fn answer(
    bytes: usize,
    before: impl AsyncFnOnce(&Watched, &Sessions, &Outbox),
) -> StatusCode {
    let store = Watched::default();
    let sessions = Sessions::new(store.clone());
    let (_, opened) = sessions.create(&Owner::user("ada".parse().unwrap())).await.unwrap();
    let around = RequestContext::new().to_builder();
    let around = around.insert(Challenge::from_static("Form")).build();
    let outbox = Outbox::new();
    let context = sessions.enter(&around, Some(opened), &outbox).unwrap();
    let write = context.clone().scope(async {
        before(&store, &sessions, &outbox).await;
        let write = |Note(text): &mut Note| *text = "x".repeat(bytes);
        Session::current().update(write).await.map_err(SessionRejection::from)
    });
    let Err(rejection) = write.await else { return StatusCode::OK };
    assert!(rejection.session_error().is_some());
    let response = context.sync_scope(|| rejection.into_response());
    assert_eq!(response.headers()["cache-control"], "no-store");
    let challenge = response.headers().get(WWW_AUTHENTICATE).map(|it| it.to_str().unwrap());
    let expected = (response.status() == StatusCode::UNAUTHORIZED).then_some("Form");
    assert_eq!(challenge, expected);
    response.status()
}

#[tokio::test]
async fn each_way_of_failing_has_its_status() {
    assert_eq!(answer(9, async |_, _, _| {}).await, StatusCode::OK);
    let status = answer(9, async |_, _, _| Session::current().log_out().await.unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let status = answer(100_000, async |_, _, _| {}).await;
    assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE);
    for fault in [|| StoreError::unavailable("refused"), || StoreError::in_doubt("no answer")] {
        let status = answer(9, async |store, _, _| store.fail(Some(fault))).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }
    let status = answer(9, async |store, _, _| store.fail(Some(|| StoreError::corrupt("x")))).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn without_a_context_the_fault_is_the_servers() {
    let error: SessionError = Session::try_current().unwrap_err();
    let response = SessionRejection::from(error).into_response();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
