//! What the client learns, and when it is too late for it to learn.

use super::support::*;
use request_context::session::*;
use std::task::Poll;

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

/// Whatever the order, the client holds the token of a session that is there.
#[tokio::test(start_paused = true)]
async fn a_head_beside_a_rotation_never_leaves_its_client_without_a_session() {
    for to in ["ada", "bob"] {
        let mut under_way = 0;
        for polls in 0..8 {
            let app = App::new();
            let token = app.session_of("ada").await;
            let request = app.come_back(&token).await.unwrap();
            request.add(7).await.unwrap();
            let mut rotate = Box::pin(request.log_in(to));
            let mut answer = None;
            for _ in 0..polls {
                if let Poll::Ready(rotated) = futures::poll!(rotate.as_mut()) {
                    answer = Some(rotated);
                    break;
                }
            }
            let (told, is_done) = (request.respond(), answer.is_some());
            let answer = match answer {
                Some(answer) => answer,
                None => rotate.await,
            };
            under_way += u32::from(told.is_some() && !is_done);
            match (&answer, &told) {
                (Ok(rotated), Some(told)) => {
                    assert_eq!(rotated.session().id(), Some(told.session_id()));
                }
                (Err(error), None) => {
                    assert!(error.is_too_late(), "{error}");
                    assert_eq!(app.double.count("rotate"), 0, "refused before");
                    assert_eq!(request.count().await.unwrap(), Some(7), "the old one goes on");
                }
                other => panic!("{polls}: {other:?}"),
            }
            assert!(app.come_back(&told.unwrap_or(token)).await.is_some(), "{to} {polls}");
            assert_eq!(app.store().len(), 1);
        }
        assert!(under_way > 0, "no head was made in between");
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_goes_out_before_a_rotation_has_its_turn_refuses_it() {
    let app = App::new();
    let request = app.request_of("ada").await;
    request.add(1).await.unwrap();
    let (mut add, mut rotate) = (Box::pin(request.add(1)), Box::pin(request.rotate()));
    assert!(futures::poll!(add.as_mut()).is_pending());
    assert!(futures::poll!(rotate.as_mut()).is_pending(), "it waits for the write");
    assert_eq!(request.respond(), None);
    assert_eq!(add.await.unwrap(), 2);
    assert!(rotate.await.err().unwrap().is_too_late());
    assert_eq!(app.double.count("rotate"), 0);
    assert_eq!(request.count().await.unwrap(), Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_rotation_that_is_refused_leaves_the_client_its_token() {
    let app = App::new();
    let token = app.session_of("ada").await;
    let request = app.come_back(&token).await.unwrap();
    app.double.fail("rotate", Fault::Unavailable);
    assert!(request.rotate().await.err().unwrap().is_unavailable());
    assert_eq!(request.respond(), None);
    assert!(app.come_back(&token).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_rotation_that_is_dropped_halfway_is_told_and_can_be_asked_again() {
    let app = App::new();
    let request = app.request_of("ada").await;
    request.add(7).await.unwrap();
    assert!(polled(request.rotate(), 2).is_none());
    assert_eq!(app.double.count("rotate"), 1);
    let told = request.respond().expect("the old token may be dead");
    let rotated = request.rotate().await.unwrap();
    assert_eq!(rotated.session().id(), Some(told.session_id()));
    assert_eq!(app.come_back(&told).await.unwrap().count().await.unwrap(), Some(7));
    assert!(rotated.rotate().await.err().unwrap().is_too_late());
}
