//! What the client learns, and when it is too late for it to learn.

use super::support::*;
use request_context::session::*;

#[tokio::test(start_paused = true)]
async fn after_the_head_is_sent_no_session_is_begun_or_rotated() {
    let app = App::new();
    let request = app.visit();
    assert_eq!(request.outbox.close(), None);
    assert!(request.add(1).await.unwrap_err().is_too_late());
    assert!(request.log_in("ada").await.err().unwrap().is_too_late());
    assert!(app.store().is_empty());

    let request = app.request_of("ada").await;
    request.add(1).await.unwrap();
    assert_eq!(request.respond(), None, "the client has its token");
    assert!(request.rotate().await.err().unwrap().is_too_late());
    assert!(request.log_in("bob").await.err().unwrap().is_too_late());
    assert_eq!(request.add(1).await.unwrap(), 2, "the session goes on");
    request.log_out().await.unwrap();
    assert!(app.store().is_empty(), "a logout is never too late");
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_token_comes_too_late_is_deleted() {
    for polls in 1..8 {
        let app = App::new();
        let request = app.visit();
        let mut add = Box::pin(request.add(1));
        let first = futures::poll!(add.as_mut());
        for _ in 1..polls {
            assert!(futures::poll!(add.as_mut()).is_pending() || first.is_ready());
            if app.double.count("update") > 0 {
                break;
            }
        }
        let token = request.respond();
        let answer = add.await;
        assert_eq!(answer.is_ok(), token.is_some(), "{answer:?}");
        assert_eq!(app.store().len(), usize::from(token.is_some()));
        if let Err(error) = answer {
            assert!(error.is_too_late(), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_of_several_tokens_is_the_one_that_counts() {
    let app = App::new();
    let request = app.visit();
    request.add(1).await.unwrap();
    let ada = request.log_in("ada").await.unwrap();
    let rotated = ada.rotate().await.unwrap();
    let token = rotated.respond().unwrap();
    assert_eq!(rotated.session().id(), Some(token.session_id()));
    assert_eq!(app.store().len(), 1);
    assert_eq!(app.come_back(&token).await.unwrap().context.user(), Some(&user("ada")));
}

#[tokio::test(start_paused = true)]
async fn a_logout_tells_the_client_to_forget() {
    let app = App::new();
    let request = app.request_of("ada").await;
    request.log_out().await.unwrap();
    assert_eq!(request.outbox.close(), Some(Outgoing::Forget));

    let request = app.visit();
    request.add(1).await.unwrap();
    request.log_out().await.unwrap();
    assert_eq!(request.outbox.close(), Some(Outgoing::Forget), "and not the token of before");
}
