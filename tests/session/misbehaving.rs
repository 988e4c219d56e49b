//! A store that mixes up its answers, loses them, or is away.

use super::support::*;
use request_context::session::*;
use std::time::Duration;
use tokio::time::Instant;

/// Ada's and bob's requests, and where bob's record lies, which must not come out as hers.
async fn two() -> (App, SessionToken, SessionToken) {
    let app = App::new();
    let (ada, bob) = (app.session_of("ada").await, app.session_of("bob").await);
    let secret = |note: &mut Note| note.0 = "bobs-secret".to_owned();
    let request = app.come_back(&bob).await.unwrap();
    request.run(async { Session::current().update(secret).await }).await.unwrap();
    (app, ada, bob)
}

#[tokio::test(start_paused = true)]
async fn a_swapped_answer_when_a_session_is_opened_is_no_session() {
    let (app, ada, bob) = two().await;
    app.double.fail("touch", Fault::AnswerOf(bob.session_id()));
    assert!(app.sessions.open(&ada).await.unwrap_err().is_corrupt());
    assert_eq!(app.come_back(&ada).await.unwrap().context.user(), Some(&user("ada")));
}

#[tokio::test(start_paused = true)]
async fn a_swapped_answer_to_a_read_or_a_conflict_is_an_error_and_never_data() {
    let (app, ada, bob) = two().await;
    let request = app.come_back(&ada).await.unwrap();
    let other = app.come_back(&ada).await.unwrap();
    other.add(1).await.unwrap();
    app.double.fail("load", Fault::AnswerOf(bob.session_id()));
    let note = request.run(async { Session::current().get::<Note>().await }).await;
    assert!(note.unwrap_err().is_corrupt());

    app.double.fail("update", Fault::AnswerOf(bob.session_id()));
    let mut seen = Vec::new();
    let look = |note: &mut Note| seen.push(note.0.clone());
    let update = request.run(async { Session::current().update(look).await }).await;
    assert!(update.unwrap_err().is_corrupt());
    assert_eq!(seen, [""], "it was shown her own value only");

    app.double.fail("touch", Fault::AnswerOf(bob.session_id()));
    let touch = request.run(async { Session::current().touch().await }).await;
    assert!(touch.unwrap_err().is_corrupt());
    assert_eq!(request.count().await.unwrap(), Some(1), "and then it goes on");
}

#[tokio::test(start_paused = true)]
async fn a_swapped_answer_to_a_create_or_a_rotation_is_no_session() {
    let (app, ada, bob) = two().await;
    let visitor = app.visit();
    app.double.fail("create", Fault::AnswerOf(bob.session_id()));
    assert!(visitor.add(1).await.unwrap_err().is_corrupt());
    assert_eq!(visitor.add(1).await.unwrap(), 1);

    let request = app.come_back(&ada).await.unwrap();
    request.add(5).await.unwrap();
    app.double.fail("rotate", Fault::AnswerOf(bob.session_id()));
    assert!(request.rotate().await.err().unwrap().is_corrupt());
    let rotated = request.rotate().await.unwrap();
    assert_eq!(rotated.count().await.unwrap(), Some(5));
    assert_eq!(app.store().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_become_somebody_elses_is_not_read_on() {
    let (app, ada, _) = two().await;
    let request = app.come_back(&ada).await.unwrap();
    request.add(1).await.unwrap();
    // Somebody else's hand in the store: the ID is bob's now.
    let id = ada.session_id();
    assert!(app.store().delete(&id));
    let bobs = new_of(&owner("bob")).with_data(r#"{"count":99}"#.into());
    app.store().create(&id, bobs).unwrap();
    let touch = async { Session::current().touch().await };
    let error = request.run(touch).await.unwrap_err();
    assert!(error.is_owner_mismatch(), "the record says so: {error}");
    assert!(request.count().await.unwrap_err().is_revoked(), "and it is over here");
    assert!(request.context.is_revoked());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_for_again_and_nothing_happens_twice() {
    let app = App::new();
    let token = app.session_of("ada").await;
    let request = app.come_back(&token).await.unwrap();
    for call in ["update", "append", "rotate"] {
        for fault in [Fault::AnswerLost, Fault::LostOnTheWay, Fault::AnswerLost] {
            app.double.fail(call, fault);
        }
    }
    assert_eq!(request.add(1).await.unwrap(), 1);
    let append = |request: Request| async move {
        request.run(async { Session::current().append(&HISTORY, "x").await }).await.unwrap()
    };
    assert_eq!(append(request.clone()).await, 0);
    assert_eq!(append(request.clone()).await, 1);
    let request = request.rotate().await.unwrap();
    let token = request.respond().unwrap();
    app.double.fail("touch", Fault::AnswerLost);
    let request = app.come_back(&token).await.unwrap();
    assert_eq!(request.add(1).await.unwrap(), 2);
    for _ in 0..3 {
        app.double.fail("delete", Fault::AnswerLost);
    }
    request.log_out().await.unwrap();
    assert!(app.store().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_stays_in_doubt_is_said_and_read_anew() {
    let app = App::new();
    let request = app.request_of("ada").await;
    for _ in 0..4 {
        app.double.fail("update", Fault::AnswerLost);
    }
    assert!(request.add(1).await.unwrap_err().is_in_doubt());
    assert_eq!(app.double.count("update"), 4, "bounded");
    assert_eq!(request.count().await.unwrap(), Some(1));

    for _ in 0..4 {
        app.double.fail("delete", Fault::AnswerLost);
    }
    assert!(request.log_out().await.unwrap_err().is_in_doubt());
    assert!(request.context.is_revoked(), "until the store says otherwise");
    assert!(request.count().await.unwrap_err().is_revoked());
    request.log_out().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_lost_answer_to_a_logout_everywhere_revokes_all_the_same() {
    let app = App::new();
    let (ada, bob) = (app.request_of("ada").await, app.request_of("bob").await);
    ada.add(1).await.unwrap();
    bob.add(1).await.unwrap();
    app.double.fail("delete_all_of", Fault::AnswerLost);
    app.sessions.delete_all_of(&owner("ada"), None).await.unwrap();
    assert!(ada.context.is_revoked());
    assert!(ada.count().await.unwrap_err().is_revoked());
    assert_eq!(bob.count().await.unwrap(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_ends_nothing() {
    let app = App::new();
    let token = app.session_of("ada").await;
    let request = app.come_back(&token).await.unwrap();
    request.add(1).await.unwrap();
    for call in ["touch", "update", "append", "rotate", "delete", "delete_all_of"] {
        app.double.fail(call, Fault::Unavailable);
    }
    assert!(app.sessions.open(&token).await.unwrap_err().is_unavailable());
    assert!(request.add(1).await.unwrap_err().is_unavailable());
    assert!(request.rotate().await.err().unwrap().is_unavailable());
    assert!(request.log_out().await.unwrap_err().is_unavailable());
    let all = app.sessions.delete_all_of(&owner("ada"), None).await;
    assert!(all.unwrap_err().is_unavailable());
    assert!(!request.context.is_revoked());
    assert_eq!(request.add(1).await.unwrap(), 2);
    request.log_out().await.unwrap();
    assert!(request.count().await.unwrap_err().is_revoked());
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_two_answers_at_most_until_it_has_its_session() {
    let app = App::new();
    let token = app.session_of("ada").await;
    for (faults, asked) in [(1, 2), (2, 2)] {
        let before = app.double.count("touch");
        for _ in 0..faults {
            app.double.fail("touch", Fault::LostOnTheWay);
        }
        let opened = app.sessions.open(&token).await;
        assert_eq!(app.double.count("touch") - before, asked);
        match opened {
            Ok(opened) => assert!(faults == 1 && opened.is_some()),
            Err(error) => assert!(faults == 2 && error.is_in_doubt()),
        }
    }
    assert!(app.sessions.open(&token).await.unwrap().is_some(), "the token is as good as before");
}

#[tokio::test(start_paused = true)]
async fn a_swapped_list_is_an_error_and_never_items() {
    let (app, ada, bob) = two().await;
    let theirs = app.come_back(&bob).await.unwrap();
    let secret = async { Session::current().append(&HISTORY, "bobs-secret").await };
    theirs.run(secret).await.unwrap();
    let request = app.come_back(&ada).await.unwrap();
    let range = || request.run(async { Session::current().range::<String>(&HISTORY, 0..9).await });
    app.double.fail("range", Fault::AnswerOf(bob.session_id()));
    assert!(range().await.unwrap_err().is_corrupt());
    assert!(range().await.unwrap().items.is_empty(), "and then it goes on");
    app.double.fail("range", Fault::ItemsOf(owner("bob")));
    assert!(range().await.unwrap_err().is_owner_mismatch());
    assert!(range().await.unwrap_err().is_revoked(), "it is over here");
}

/// In all, on the paused clock.
const OPERATION: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn no_operation_waits_longer_than_it_may_in_all() {
    for operation in 0..9 {
        let app = App::new();
        let request = app.request_of("ada").await;
        request.add(1).await.unwrap();
        for call in ["update", "append", "range", "trim", "touch", "rotate", "delete"] {
            // Each less than it may take, together more.
            for _ in 0..4 {
                app.double.fail(call, Fault::LostAfter(Duration::from_secs(2)));
            }
        }
        app.double.fail("load", Fault::Silence);
        let began = Instant::now();
        let work = request.run(async {
            let session = Session::current();
            match operation {
                0 => session.update(|count: &mut Count| count.0 += 1).await,
                1 => session.append(&HISTORY, "x").await.map(drop),
                2 => session.range::<String>(&HISTORY, 0..9).await.map(drop),
                3 => session.trim(&HISTORY, 0).await,
                4 => session.touch().await,
                5 => session.rotate().await.map(drop),
                6 => session.log_in(user("bob"), None).await.map(drop),
                7 => session.remove::<Count>().await.map(drop),
                _ => session.log_out().await,
            }
        });
        let error = work.await.unwrap_err();
        let reads = operation == 2;
        assert!(error.is_in_doubt() != reads && error.is_unavailable() == reads, "{error:?}");
        assert_eq!(began.elapsed().as_secs(), OPERATION.as_secs(), "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn nor_for_its_turn_behind_others() {
    let app = App::new();
    let request = app.request_of("ada").await;
    request.add(1).await.unwrap();
    app.double.fail("update", Fault::Silence);
    let began = Instant::now();
    let all = futures::future::join_all((0..9).map(|_| request.add(1))).await;
    assert!(all.iter().all(|answer| answer.as_ref().is_err_and(SessionError::is_in_doubt)));
    assert_eq!(began.elapsed().as_secs(), OPERATION.as_secs());
    assert_eq!(request.add(1).await.unwrap(), 2, "and then it goes on");
}

#[tokio::test(start_paused = true)]
async fn nor_on_the_way_to_its_session() {
    let app = App::new();
    let token = app.session_of("ada").await;
    let sessions = app.sessions.clone().with_operation_timeout(MINUTE);
    for (sessions, most) in [(&app.sessions, OPERATION), (&sessions, MINUTE)] {
        for call in ["touch", "create", "list_of", "delete_all_of", "delete", "prune"] {
            app.double.fail(call, Fault::Silence);
        }
        let began = Instant::now();
        assert!(sessions.open(&token).await.unwrap_err().is_in_doubt());
        assert!(sessions.create(&owner("ada")).await.unwrap_err().is_in_doubt());
        assert!(sessions.list_of(&owner("ada")).await.unwrap_err().is_unavailable());
        assert!(sessions.delete_all_of(&owner("ada"), None).await.unwrap_err().is_in_doubt());
        assert!(sessions.delete(&token.session_id()).await.unwrap_err().is_in_doubt());
        assert!(sessions.prune().await.unwrap_err().is_in_doubt());
        let whole = Duration::from_secs(began.elapsed().as_secs());
        assert_eq!(whole, most * 6);
    }
}
