//! Given up at any await: old or new, never between, and handles do not go by what may be over.

use super::support::*;
use request_context::session::*;

const POLLS: usize = 16;

#[tokio::test(start_paused = true)]
async fn an_update_is_there_as_a_whole_or_not_and_the_handle_sees_which() {
    let (mut old, mut new) = (0, 0);
    for polls in 0..POLLS {
        let app = App::new();
        let request = app.request_of("ada").await;
        request.add(1).await.unwrap();
        let done = polled(request.add(1), polls);
        let stored = count_in(&app.store().load(&request.session().id().unwrap()).unwrap());
        assert_eq!(request.count().await.unwrap(), Some(stored), "after {polls} polls");
        assert!(done.is_none() || stored == 2);
        if stored == 2 {
            new += 1;
        } else {
            old += 1;
        }
        assert_eq!(request.add(1).await.unwrap(), stored + 1);
    }
    assert!(old > 0 && new > 0, "{old} {new}");
}

#[tokio::test(start_paused = true)]
async fn a_handle_in_another_request_sees_it_too() {
    for polls in 0..POLLS {
        let app = App::new();
        let token = app.session_of("ada").await;
        let one = app.come_back(&token).await.unwrap();
        let other = app.come_back(&token).await.unwrap();
        assert_eq!(other.count().await.unwrap(), None);
        let _ = polled(one.add(1), polls);
        let stored = count_in(&app.store().load(&token.session_id()).unwrap());
        assert_eq!(other.count().await.unwrap().unwrap_or(0), stored, "after {polls} polls");
    }
}

#[tokio::test(start_paused = true)]
async fn an_append_is_there_once_or_not() {
    let mut counts = [0, 0];
    for polls in 0..POLLS {
        let app = App::new();
        let request = app.request_of("ada").await;
        let append = request.run(async { Session::current().append(&HISTORY, "x").await });
        let _ = polled(append, polls);
        let range = async { Session::current().range::<String>(&HISTORY, 0..9).await };
        counts[request.run(range).await.unwrap().items.len()] += 1;
    }
    assert!(counts[0] > 0 && counts[1] > 0, "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_rotation_leaves_one_session_and_is_found_when_tried_again() {
    let (mut old, mut new) = (0, 0);
    for polls in 0..POLLS {
        let app = App::new();
        let request = app.request_of("ada").await;
        request.add(7).await.unwrap();
        let id = request.session().id().unwrap();
        let done = polled(request.rotate(), polls);
        assert_eq!(app.store().len(), 1, "after {polls} polls");
        let is_old = app.store().load(&id).is_some();
        if is_old {
            old += 1;
        } else {
            new += 1;
        }
        if let Some(done) = done {
            assert!(!is_old);
            assert_eq!(done.unwrap().count().await.unwrap(), Some(7));
            continue;
        }
        // The handle does not go by what it has read, and finds out.
        let count = request.count().await;
        assert_eq!(count.is_ok(), is_old, "{count:?}");
        assert_eq!(request.context.is_revoked(), !is_old);
        let rotated = request.rotate().await.unwrap();
        assert_eq!(rotated.count().await.unwrap(), Some(7));
        assert_eq!(app.store().len(), 1);
        let token = rotated.respond().unwrap();
        assert_eq!(app.come_back(&token).await.unwrap().count().await.unwrap(), Some(7));
        assert!(request.count().await.unwrap_err().is_revoked());
    }
    assert!(old > 0 && new > 0, "{old} {new}");
}

#[tokio::test(start_paused = true)]
async fn a_login_leaves_one_session_and_is_found_when_tried_again() {
    for has_session in [true, false] {
        for polls in 0..POLLS {
            let app = App::new();
            let visitor = app.visit();
            if has_session {
                visitor.add(7).await.unwrap();
            }
            let Some(done) = polled(visitor.log_in("ada"), polls) else {
                assert!(app.store().len() <= 1);
                let ada = visitor.log_in("ada").await.unwrap();
                assert_eq!(ada.count().await.unwrap(), None);
                assert_eq!(app.store().len(), 1, "after {polls} polls");
                let token = ada.respond().unwrap();
                assert_eq!(app.come_back(&token).await.unwrap().context.user(), Some(&user("ada")));
                continue;
            };
            assert_eq!(done.unwrap().count().await.unwrap(), None);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_logout_leaves_all_or_nothing_and_no_handle_goes_by_what_it_has_read() {
    let (mut old, mut new) = (0, 0);
    for polls in 0..POLLS {
        let app = App::new();
        let token = app.session_of("ada").await;
        let one = app.come_back(&token).await.unwrap();
        let other = app.come_back(&token).await.unwrap();
        other.add(1).await.unwrap();
        let _ = polled(one.log_out(), polls);
        let is_there = !app.store().is_empty();
        if is_there {
            old += 1;
        } else {
            new += 1;
        }
        assert_eq!(other.count().await.is_ok(), is_there, "after {polls} polls");
        assert_eq!(other.context.is_revoked(), !is_there);
        one.log_out().await.unwrap();
        assert!(app.store().is_empty());
        assert!(other.count().await.unwrap_err().is_revoked());
    }
    assert!(old > 0 && new > 0, "{old} {new}");
}

#[tokio::test(start_paused = true)]
async fn a_logout_everywhere_too_and_bystanders_are_not_asked() {
    for polls in 0..POLLS {
        let app = App::new();
        let (ada, bob) = (app.request_of("ada").await, app.request_of("bob").await);
        ada.add(1).await.unwrap();
        bob.add(1).await.unwrap();
        let id = ada.session().id().unwrap();
        let _ = polled(app.sessions.delete_all_of(&owner("ada"), None), polls);
        let is_there = app.store().load(&id).is_some();
        assert_eq!(ada.count().await.is_ok(), is_there, "after {polls} polls");
        let loads = app.double.count("load");
        assert_eq!(bob.count().await.unwrap(), Some(1));
        assert_eq!(app.double.count("load"), loads);
    }
}

#[tokio::test(start_paused = true)]
async fn a_future_that_is_never_polled_does_nothing() {
    let app = App::new();
    let request = app.request_of("ada").await;
    drop((request.add(1), request.log_out(), request.rotate(), request.log_in("bob")));
    assert_eq!(app.double.count("update") + app.double.count("delete"), 0);
    assert_eq!(request.count().await.unwrap(), None);
}
