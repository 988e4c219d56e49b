//! What is asked again after an answer was lost.

use super::support::*;
use request_context::RequestContext;
use request_context::session::Outbox;

fn lose_all_answers(app: &App, call: &'static str) {
    for _ in 0..4 {
        app.double.fail(call, Fault::AnswerLost);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotation_in_doubt_is_known_also_after_a_try_that_did_not_reach_the_store() {
    let app = App::new();
    let request = app.request_of("ada").await;
    request.add(7).await.unwrap();
    lose_all_answers(&app, "rotate");
    assert!(request.rotate().await.err().unwrap().is_in_doubt());
    app.double.fail("rotate", Fault::Unavailable);
    assert!(request.rotate().await.err().unwrap().is_in_doubt());
    let rotated = request.rotate().await.unwrap();
    assert_eq!(rotated.count().await.unwrap(), Some(7));
}

#[tokio::test(start_paused = true)]
async fn a_logout_after_such_a_rotation_leaves_nothing() {
    let app = App::new();
    let request = app.request_of("ada").await;
    lose_all_answers(&app, "rotate");
    assert!(request.rotate().await.is_err());
    app.double.fail("rotate", Fault::Unavailable);
    assert!(request.rotate().await.is_err());
    request.log_out().await.unwrap();
    assert!(app.store().list_of(&owner("ada")).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_making_is_in_doubt_is_not_made_twice() {
    let app = App::new();
    let context = RequestContext::builder().user(user("ada")).build();
    let outbox = Outbox::new();
    let context = app.sessions.enter(&context, None, &outbox).unwrap();
    let request = Request { context, outbox };
    lose_all_answers(&app, "create");
    assert!(request.add(1).await.unwrap_err().is_in_doubt());
    app.double.fail("create", Fault::Unavailable);
    assert!(request.add(1).await.unwrap_err().is_in_doubt());
    request.add(1).await.unwrap();
    assert_eq!(app.store().list_of(&owner("ada")).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_login_after_another_ones_in_doubt_leaves_no_session_of_the_first() {
    let app = App::new();
    let request = app.visit();
    request.add(1).await.unwrap();
    lose_all_answers(&app, "rotate");
    assert!(request.log_in("ada").await.is_err());
    assert!(request.log_in("bob").await.is_err(), "what it would take the place of is gone");
    assert!(app.store().list_of(&owner("ada")).is_empty());
    request.log_out().await.unwrap();
    assert!(app.store().is_empty());
}
