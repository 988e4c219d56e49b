//! What other session libraries get wrong, measured: tower-sessions with axum-login, actix-session.

use super::support::*;
use futures::StreamExt;
use futures::future::join_all;
use request_context::ContextStreamExt;
use request_context::session::*;

#[tokio::test(start_paused = true)]
async fn who_logs_in_on_anothers_browser_reads_nothing_of_theirs_and_has_another_token() {
    let app = App::new();
    let token = app.session_of("alice").await;
    let alice = app.come_back(&token).await.unwrap();
    alice
        .run(async {
            let session = Session::current();
            session.update(|note: &mut Note| note.0 = "alice-diagnosis".to_owned()).await.unwrap();
            session.append(&HISTORY, "alice-diagnosis").await.unwrap();
        })
        .await;
    let again = app.come_back(&token).await.unwrap();
    let note = again.run(async { Session::current().get::<Note>().await }).await.unwrap();
    assert_eq!(note.unwrap().0, "alice-diagnosis", "the control: she does read it");

    let bob = app.come_back(&token).await.unwrap().log_in("bob").await.unwrap();
    bob.run(async {
        let session = Session::current();
        assert_eq!(session.get::<Note>().await.unwrap(), None);
        assert!(session.range::<String>(&HISTORY, 0..9).await.unwrap().items.is_empty());
        assert_eq!(session.owner(), owner("bob"));
    })
    .await;
    let bobs = bob.respond().unwrap();
    assert!(bobs != token);
    assert!(app.come_back(&token).await.is_none());
    assert_eq!(app.come_back(&bobs).await.unwrap().context.user(), Some(&user("bob")));
    assert!(again.count().await.unwrap_err().is_revoked());
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_that_outlives_the_logout_does_not_undo_it() {
    let app = App::new();
    let token = app.session_of("alice").await;
    let slow = app.come_back(&token).await.unwrap();
    assert_eq!(slow.add(1).await.unwrap(), 1);
    app.come_back(&token).await.unwrap().log_out().await.unwrap();
    assert!(slow.add(1).await.unwrap_err().is_revoked());
    assert!(slow.count().await.unwrap_err().is_revoked());
    assert!(app.come_back(&token).await.is_none());
    assert!(app.store().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_write_in_a_stream_after_the_response_is_stored() {
    let app = App::new();
    let request = app.request_of("ada").await;
    let stream = request.context.clone().sync_scope(|| {
        let chunks = futures::stream::iter(1..=3).then(|n| async move {
            Session::current().update(|count: &mut Count| count.0 += n).await.unwrap();
            n
        });
        chunks.in_current_context()
    });
    drop(request.respond());
    assert_eq!(stream.collect::<Vec<_>>().await, [1, 2, 3]);
    let token = app.sessions.list_of(&owner("ada")).await.unwrap();
    assert_eq!(count_in(&app.store().load(&token[0].id).unwrap()), 6);
}

#[tokio::test(start_paused = true)]
async fn of_50_concurrent_writes_to_one_session_50_survive() {
    for processes in [1, 2] {
        let double = Double::default();
        let apps: Vec<_> = (0..processes).map(|_| App::on(&double)).collect();
        let token = apps[0].session_of("ada").await;
        let write = |n: usize| {
            let (app, token) = (&apps[n % processes], &token);
            async move {
                let request = app.come_back(token).await.unwrap();
                request.add(1).await.unwrap();
                request.run(async { Session::current().append(&HISTORY, &n).await }).await.unwrap();
            }
        };
        join_all((0..50).map(write)).await;
        let request = apps[0].come_back(&token).await.unwrap();
        assert_eq!(request.count().await.unwrap(), Some(50));
        let range = async { Session::current().range::<usize>(&HISTORY, 0..u64::MAX).await };
        let mut items = request.run(range).await.unwrap().items;
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
        // Within a process nobody is in the way of another.
        assert_eq!(double.count("update") == 50, processes == 1, "{}", double.count("update"));
    }
}

#[tokio::test(start_paused = true)]
async fn last_writer_wins_would_lose_nearly_all_of_them() {
    let app = App::new();
    let token = app.session_of("ada").await;
    let write = || async {
        let before = app.double.load(&token.session_id()).await.unwrap().unwrap();
        let data = format!(r#"{{"count":{}}}"#, count_in(&before) + 1);
        // What an upsert does: it writes whatever is there now.
        let now = app.store().load(&token.session_id()).unwrap();
        let id = token.session_id();
        app.store().update(&id, &now.owner, now.version, data.into(), WriteId::new()).unwrap();
    };
    join_all((0..50).map(|_| write())).await;
    assert!(count_in(&app.store().load(&token.session_id()).unwrap()) < 10, "the control");
}

#[tokio::test(start_paused = true)]
async fn debug_of_anything_shows_neither_data_nor_token_nor_other_sessions() {
    let app = App::new();
    let token = app.session_of("alice").await;
    let text = token.reveal(str::to_owned);
    let request = app.come_back(&token).await.unwrap();
    let write = |note: &mut Note| note.0 = "diagnosis".to_owned();
    request.run(async { Session::current().update(write).await }).await.unwrap();
    let other = app.request_of("bob").await;
    let opened = app.sessions.open(&token).await.unwrap();
    let log_in = request.log_in("carol").await.unwrap();
    let record = app.store().load(log_in.session().id().as_ref().unwrap());
    let session = request.session();
    assert!(format!("{session:?}").starts_with("Session { id: Some("));
    let mut shown = format!("{session:?} {:?} {opened:?} {record:?}", app.sessions);
    shown += &format!("{:?} {:?} {:?}", request.context, log_in.context, log_in.outbox);
    shown += &format!("{:?} {:?}", log_in.outbox.close(), app.store());
    for secret in ["diagnosis", &text, other.session().id().unwrap().as_str(), "bob"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
