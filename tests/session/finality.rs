//! What is over is over: at once here, at the next use of the store elsewhere, and for good.

use super::support::*;
use request_context::session::*;
use tokio::time::advance;

/// Each way in which a session ends.
async fn end(way: usize, app: &App, token: &SessionToken) {
    let other = app.come_back(token).await.unwrap();
    match way {
        0 => other.log_out().await.unwrap(),
        1 => drop(other.rotate().await.unwrap()),
        2 => drop(other.log_in("bob").await.unwrap()),
        3 => assert!(app.sessions.delete(&token.session_id()).await.unwrap()),
        4 => {
            let deleted = app.sessions.delete_all_of(&owner("ada"), None).await.unwrap();
            assert_eq!(deleted, [token.session_id()]);
        }
        _ => advance(30 * MINUTE).await,
    }
}

async fn is_over(request: &Request) {
    let each = async {
        let session = Session::current();
        assert!(session.get::<Count>().await.unwrap_err().is_revoked());
        assert!(session.update(|count: &mut Count| count.0 = 9).await.unwrap_err().is_revoked());
        assert!(session.remove::<Count>().await.unwrap_err().is_revoked());
        assert!(session.append(&HISTORY, "x").await.unwrap_err().is_revoked());
        assert!(session.range::<String>(&HISTORY, 0..1).await.unwrap_err().is_revoked());
        assert!(session.trim(&HISTORY, 0).await.unwrap_err().is_revoked());
        assert!(session.touch().await.unwrap_err().is_revoked());
        assert!(session.rotate().await.unwrap_err().is_revoked());
        assert!(session.log_in(user("eve"), None).await.unwrap_err().is_revoked());
        assert!(request_context::RequestContext::current().is_revoked());
        session.log_out().await.unwrap();
    };
    request.run(each).await;
}

#[tokio::test(start_paused = true)]
async fn every_handle_of_this_process_is_revoked_at_once_also_for_what_it_has_read() {
    for way in 0..6 {
        let app = App::new();
        let token = app.session_of("ada").await;
        let request = app.come_back(&token).await.unwrap();
        request.add(1).await.unwrap();
        assert_eq!(request.count().await.unwrap(), Some(1));
        end(way, &app, &token).await;
        let asked = app.double.count("load");
        assert!(request.context.is_revoked(), "{way}");
        assert!(request.count().await.unwrap_err().is_revoked(), "{way}");
        assert!(way == 5 || app.double.count("load") == asked, "without asking the store: {way}");
        is_over(&request).await;
        assert!(app.come_back(&token).await.is_none());
        assert!(app.store().load(&token.session_id()).is_none());
        assert!(app.store().len() <= usize::from(matches!(way, 1 | 2)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_handle_of_another_process_notices_at_its_next_use_of_the_store() {
    for way in 0..6 {
        let here = App::new();
        let there = App::on(&here.double);
        let token = here.session_of("ada").await;
        let request = there.come_back(&token).await.unwrap();
        request.add(1).await.unwrap();
        end(way, &here, &token).await;
        assert!(request.add(1).await.unwrap_err().is_revoked(), "{way}");
        assert!(request.count().await.unwrap_err().is_revoked(), "{way}");
        is_over(&request).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_exception_of_a_logout_everywhere_goes_on() {
    let app = App::new();
    let (one, other) = (app.session_of("ada").await, app.session_of("ada").await);
    let bob = app.request_of("bob").await;
    let (one, other) = (app.come_back(&one).await.unwrap(), app.come_back(&other).await.unwrap());
    let kept = one.session().id().unwrap();
    app.sessions.delete_all_of(&owner("ada"), Some(&kept)).await.unwrap();
    assert_eq!(one.add(1).await.unwrap(), 1);
    assert_eq!(bob.add(1).await.unwrap(), 1);
    assert!(other.add(1).await.unwrap_err().is_revoked());
    assert!(!one.context.is_revoked() && other.context.is_revoked());
    let listed = app.sessions.list_of(&owner("ada")).await.unwrap();
    assert_eq!(listed.iter().map(|info| &info.id).collect::<Vec<_>>(), [&kept]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_opened_while_it_ends_is_not_open_afterwards() {
    for polls in 0..6 {
        let app = App::new();
        let token = app.session_of("ada").await;
        let mut open = Box::pin(app.sessions.open(&token));
        let mut opened = None;
        for _ in 0..polls {
            if let std::task::Poll::Ready(ready) = futures::poll!(open.as_mut()) {
                opened = Some(ready.unwrap());
                break;
            }
        }
        assert!(app.sessions.delete(&token.session_id()).await.unwrap());
        let Some(opened) = opened else {
            assert!(open.await.unwrap().is_none(), "opened after its end");
            continue;
        };
        if let Some(opened) = opened {
            let outbox = Outbox::new();
            let context = request_context::RequestContext::new();
            let context = app.sessions.enter(&context, Some(opened), &outbox).unwrap();
            is_over(&Request { context, outbox }).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_64_racing_writers_nothing_is_written_after_the_logout_and_nothing_comes_back() {
    for round in 0..20 {
        let app = App::new();
        let token = app.session_of("ada").await;
        let mut tasks = Vec::new();
        for n in 0..64 {
            let request = app.come_back(&token).await.unwrap();
            let write = async move {
                let session = Session::current();
                let mut written = 0;
                loop {
                    let answer = match n % 3 {
                        0 => session.update(|count: &mut Count| count.0 += 1).await,
                        1 => session.append(&HISTORY, "x").await.map(drop),
                        _ => session.touch().await,
                    };
                    match answer {
                        Ok(()) => written += 1,
                        Err(error) => {
                            assert!(error.is_revoked(), "{error}");
                            return written;
                        }
                    }
                }
            };
            let spawn = || request_context::spawn(write);
            tasks.push(request.context.clone().sync_scope(spawn));
        }
        for _ in 0..round * 20 {
            tokio::task::yield_now().await;
        }
        let request = app.come_back(&token).await.unwrap();
        request.log_out().await.unwrap();
        assert!(app.store().is_empty());
        is_over(&request).await;
        for task in tasks {
            task.await.unwrap();
        }
        assert!(app.store().is_empty());
        assert!(app.come_back(&token).await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_logout_that_meets_a_rotation_anywhere_on_its_way_leaves_nothing() {
    for polls in 0..8 {
        let app = App::new();
        let token = app.session_of("ada").await;
        let one = app.come_back(&token).await.unwrap();
        let other = app.come_back(&token).await.unwrap();
        let mut rotate = Box::pin(one.rotate());
        let mut rotated = None;
        for _ in 0..polls {
            if let std::task::Poll::Ready(ready) = futures::poll!(rotate.as_mut()) {
                rotated = Some(ready);
                break;
            }
        }
        other.log_out().await.unwrap();
        assert!(app.store().is_empty(), "after {polls} polls");
        let Some(rotated) = rotated else {
            assert!(rotate.await.unwrap_err().is_revoked(), "after {polls} polls");
            assert!(app.store().is_empty(), "after {polls} polls");
            assert_eq!(one.respond(), None, "nobody is given a dead token");
            continue;
        };
        let token = one.respond().unwrap();
        is_over(&rotated.unwrap()).await;
        assert!(app.store().is_empty(), "after {polls} polls");
        assert!(app.come_back(&token).await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_logout_follows_rotations_and_logins_of_the_same_user_and_none_of_another() {
    let app = App::new();
    let token = app.session_of("ada").await;
    let old = app.come_back(&token).await.unwrap();
    let first = app.come_back(&token).await.unwrap().rotate().await.unwrap();
    // A request of its own, of which nobody holds anything afterwards.
    let token = first.respond().unwrap();
    drop(first);
    let again = app.come_back(&token).await.unwrap().log_in("ada").await.unwrap();
    assert_eq!(again.add(1).await.unwrap(), 1);
    let bob = app.request_of("bob").await;
    old.log_out().await.unwrap();
    is_over(&again).await;
    assert_eq!((app.store().len(), bob.add(1).await.unwrap()), (1, 1));
    drop((again, old));
    assert!(format!("{:?}", app.sessions).contains("open: 1"), "{:?}", app.sessions);

    // Eve logs in where ada was: that is another login.
    let token = app.session_of("ada").await;
    let old = app.come_back(&token).await.unwrap();
    let eve = app.come_back(&token).await.unwrap().log_in("eve").await.unwrap();
    old.log_out().await.unwrap();
    assert_eq!(eve.add(1).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_logout_follows_rotations_by_another_front_on_the_same_store_for_two_minutes() {
    let app = App::new();
    for (passed, is_followed) in [(MINUTE, true), (2 * MINUTE, false)] {
        let token = app.session_of("ada").await;
        let old = app.come_back(&token).await.unwrap();
        let other = App::on(&app.double);
        let first = other.come_back(&token).await.unwrap().rotate().await.unwrap();
        let second = first.rotate().await.unwrap();
        advance(passed).await;
        old.log_out().await.unwrap();
        assert_eq!(app.store().is_empty(), is_followed);
        assert_eq!(second.add(1).await.is_err_and(|error| error.is_revoked()), is_followed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotation_that_has_failed_is_forgotten_and_one_in_doubt_is_not() {
    let app = App::new();
    let token = app.session_of("ada").await;
    let old = app.come_back(&token).await.unwrap();
    app.double.fail("rotate", Fault::Unavailable);
    assert!(app.come_back(&token).await.unwrap().rotate().await.unwrap_err().is_unavailable());
    let before = app.double.count("delete");
    for _ in 0..4 {
        app.double.fail("rotate", Fault::AnswerLost);
    }
    let other = app.come_back(&token).await.unwrap();
    assert!(other.rotate().await.unwrap_err().is_in_doubt());
    drop(other);
    assert_eq!(app.store().len(), 1, "it has happened");
    old.log_out().await.unwrap();
    assert!(app.store().is_empty());
    assert_eq!(app.double.count("delete") - before, 2);
}

#[tokio::test(start_paused = true)]
async fn a_logout_by_the_handle_that_was_rotated_has_the_client_forget_the_new_token() {
    let app = App::new();
    let request = app.request_of("ada").await;
    let rotated = request.rotate().await.unwrap();
    request.log_out().await.unwrap();
    assert_eq!(request.outbox.close(), Some(Outgoing::Forget));
    is_over(&rotated).await;
    assert!(app.store().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_64_racing_rotations_and_logouts_no_session_of_the_login_remains_after_a_logout() {
    for round in 0..30 {
        let app = App::new();
        let token = app.session_of("ada").await;
        let logouts = 1 + round % 4;
        let mut tasks = Vec::new();
        let mut requests = Vec::new();
        for _ in 0..64 {
            requests.push(app.come_back(&token).await.unwrap());
        }
        for (n, request) in requests.into_iter().enumerate() {
            let app = app.clone();
            tasks.push(request_context::spawn_outside(async move {
                for _ in 0..(n * 7 + round) % 23 {
                    tokio::task::yield_now().await;
                }
                if n < logouts {
                    request.log_out().await.unwrap();
                    assert!(app.store().is_empty(), "acknowledged");
                    return;
                }
                // The client goes on with the new token, as long as there is one.
                let mut request = request;
                while let Ok(rotated) = request.rotate().await {
                    let Some(token) = rotated.respond() else { return };
                    let Some(next) = app.come_back(&token).await else { return };
                    request = next;
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert!(app.store().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn lives_that_nobody_holds_are_not_kept() {
    let app = App::new();
    for _ in 0..2000 {
        let request = app.request_of("ada").await;
        request.log_out().await.unwrap();
    }
    assert!(format!("{:?}", app.sessions).contains("open: 0"), "{:?}", app.sessions);
    let held = app.request_of("ada").await;
    assert!(format!("{:?}", app.sessions).contains("open: 1"));
    drop(held);
}
