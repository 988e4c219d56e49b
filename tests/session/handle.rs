//! The handle of a request: reads, writes, and whose it is.

use super::support::*;
use futures::future::join_all;
use request_context::RequestContext;
use request_context::session::*;
use tokio::time::advance;

#[tokio::test(start_paused = true)]
async fn what_one_request_writes_the_next_one_reads() {
    let app = App::new();
    let token = app.session_of("ada").await;
    let request = app.come_back(&token).await.unwrap();
    assert_eq!(request.count().await.unwrap(), None);
    assert_eq!(request.add(2).await.unwrap(), 2);
    assert_eq!(request.add(3).await.unwrap(), 5);
    request
        .run(async {
            let session = Session::current();
            session.update(|note: &mut Note| note.0.push('x')).await.unwrap();
            assert!(session.remove::<Count>().await.unwrap());
            assert!(!session.remove::<Count>().await.unwrap());
            assert_eq!(session.append(&HISTORY, "first").await.unwrap(), 0);
            assert_eq!(session.append(&HISTORY, &String::from("second")).await.unwrap(), 1);
            session.trim(&HISTORY, 1).await.unwrap();
        })
        .await;
    let next = app.come_back(&token).await.unwrap();
    next.run(async {
        let session = Session::current();
        assert_eq!(session.get::<Count>().await.unwrap(), None);
        assert_eq!(session.get::<Note>().await.unwrap().unwrap().0, "x");
        let history = session.range::<String>(&HISTORY, 0..9).await.unwrap();
        assert_eq!((history.first, history.items, history.end), (1, vec!["second".into()], 2));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_session_is_read_at_most_once_for_a_request() {
    let app = App::new();
    let token = app.session_of("ada").await;
    app.come_back(&token).await.unwrap().add(1).await.unwrap();
    let before = app.double.count("touch");
    let request = app.come_back(&token).await.unwrap();
    let handles: Vec<_> = (0..32).map(|_| request.clone()).collect();
    join_all(handles.iter().map(Request::count)).await;
    request.add(1).await.unwrap();
    assert_eq!(request.count().await.unwrap(), Some(2));
    assert_eq!((app.double.count("load"), app.double.count("touch")), (0, before + 1));
}

#[tokio::test(start_paused = true)]
async fn a_change_by_another_request_of_this_process_is_seen_at_once() {
    let app = App::new();
    let token = app.session_of("ada").await;
    let (one, other) = (app.come_back(&token).await.unwrap(), app.come_back(&token).await.unwrap());
    assert_eq!(one.count().await.unwrap(), None);
    other.add(7).await.unwrap();
    let handles: Vec<_> = (0..32).map(|_| one.clone()).collect();
    for count in join_all(handles.iter().map(Request::count)).await {
        assert_eq!(count.unwrap(), Some(7));
    }
    assert_eq!(app.double.count("load"), 1, "32 that ask at once are one read");
}

#[tokio::test(start_paused = true)]
async fn writers_in_other_processes_are_tried_again_and_in_the_end_given_up() {
    let app = App::new();
    let request = app.request_of("ada").await;
    for _ in 0..3 {
        app.double.fail("update", Fault::Overtaken);
    }
    assert_eq!(request.add(1).await.unwrap(), 301);
    for _ in 0..1000 {
        app.double.fail("update", Fault::Overtaken);
    }
    let error = request.add(1).await.unwrap_err();
    assert!(error.is_contended(), "{error}");
    assert!(app.double.count("update") < 50);
}

#[tokio::test(start_paused = true)]
async fn current_is_loud_outside_a_scope_and_without_the_layer() {
    assert!(Session::try_current().unwrap_err().is_no_context());
    let message = |panic: Box<dyn std::any::Any + Send>| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    };
    let panic = std::panic::catch_unwind(Session::current).unwrap_err();
    assert!(message(panic).contains("RequestContext"));
    RequestContext::new().sync_scope(|| {
        let error = Session::try_current().unwrap_err();
        assert!(error.is_no_layer() && error.to_string().contains("session layer"), "{error}");
        let panic = std::panic::catch_unwind(Session::current).unwrap_err();
        assert!(message(panic).contains("session layer"));
    });
}

#[tokio::test(start_paused = true)]
async fn a_handle_is_of_no_use_in_anybody_elses_context() {
    let app = App::new();
    let (ada, bob) = (app.request_of("ada").await, app.request_of("bob").await);
    let token = app.session_of("ada").await;
    let ada_elsewhere = app.come_back(&token).await.unwrap();
    ada.add(1).await.unwrap();
    let tenant = "clinic".parse::<request_context::TenantId>().unwrap();
    let foreign = [
        bob.context.clone(),
        ada_elsewhere.context,
        app.visit().context,
        RequestContext::new(),
        ada.context.detach(),
        ada.context.to_builder().user(user("bob")).build(),
        ada.context.to_builder().insert(tenant).build(),
    ];
    let session = &ada.session();
    for context in foreign {
        let each = async {
            assert!(session.get::<Count>().await.unwrap_err().is_foreign());
            assert!(
                session.update(|count: &mut Count| count.0 = 9).await.unwrap_err().is_foreign()
            );
            assert!(session.remove::<Count>().await.unwrap_err().is_foreign());
            assert!(session.append(&HISTORY, "x").await.unwrap_err().is_foreign());
            assert!(session.range::<String>(&HISTORY, 0..1).await.unwrap_err().is_foreign());
            assert!(session.trim(&HISTORY, 0).await.unwrap_err().is_foreign());
            assert!(session.touch().await.unwrap_err().is_foreign());
            assert!(session.rotate().await.unwrap_err().is_foreign());
            assert!(session.log_in(user("bob"), None).await.unwrap_err().is_foreign());
            assert!(session.log_out().await.unwrap_err().is_foreign());
        };
        context.scope(each).await;
    }
    assert!(session.get::<Count>().await.unwrap_err().is_no_context());
    let derived = ada.context.to_builder().build();
    assert_eq!(derived.scope(session.get::<Count>()).await.unwrap(), Some(Count(1)));
}

#[tokio::test(start_paused = true)]
async fn tasks_of_the_request_have_the_handle_and_detached_work_has_not() {
    let app = App::new();
    let request = app.request_of("ada").await;
    let task = request.context.clone().sync_scope(|| {
        request_context::spawn(async {
            Session::current().update(|count: &mut Count| count.0 += 1).await
        })
    });
    task.await.unwrap().unwrap();
    assert_eq!(request.count().await.unwrap(), Some(1));
    let detached = request
        .context
        .clone()
        .sync_scope(|| request_context::spawn_detached(async { Session::try_current().is_err() }));
    assert!(detached.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_context_has_the_user_and_the_tenant_that_the_session_belongs_to() {
    let app = App::new();
    let tenant = "clinic".parse::<request_context::TenantId>().unwrap();
    let of = owner("ada").with_tenant(tenant.clone());
    let (token, opened) = app.sessions.create(&of).await.unwrap();
    assert_eq!((opened.owner(), opened.id()), (&of, &token.session_id()));
    let request = app.come_back(&token).await.unwrap();
    assert_eq!(request.context.user(), Some(&user("ada")));
    assert_eq!(request.context.get::<request_context::TenantId>(), Some(&tenant));
    assert_eq!(request.context.session(), Some(&token.session_id()));
    request.add(1).await.unwrap();

    let enter = async |context: RequestContext| {
        let opened = app.sessions.open(&token).await.unwrap();
        app.sessions.enter(&context, opened, &Outbox::new())
    };
    let with = || RequestContext::builder();
    let other: request_context::TenantId = "other".parse().unwrap();
    assert!(enter(with().build()).await.is_ok());
    assert!(enter(with().user(user("ada")).insert(tenant).build()).await.is_ok());
    let wrong = [
        with().user(user("bob")).build(),
        with().user(user("ada")).build(),
        with().insert(other).build(),
    ];
    for wrong in wrong {
        assert!(enter(wrong).await.unwrap_err().is_owner_mismatch());
    }
}

#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Confused(Vec<u8>);

impl SessionValue for Confused {
    const KEY: &'static str = Note::KEY;
}

#[tokio::test(start_paused = true)]
async fn a_value_of_another_type_is_malformed_and_not_shown() {
    let app = App::new();
    let request = app.request_of("ada").await;
    request
        .run(async {
            let session = Session::current();
            session.update(|note: &mut Note| note.0 = "diagnosis".to_owned()).await.unwrap();
            let error = session.get::<Confused>().await.unwrap_err();
            assert!(error.is_malformed());
            let source = std::error::Error::source(&error).map(ToString::to_string);
            let shown = format!("{error} {error:?} {source:?}");
            assert!(shown.contains("note") && !shown.contains("diagnosis"), "{shown}");
            let update = session.update(|_: &mut Confused| ()).await;
            assert!(update.unwrap_err().is_malformed(), "and nothing is written over it");
            assert_eq!(session.get::<Note>().await.unwrap().unwrap().0, "diagnosis");
            session.append(&HISTORY, "diagnosis").await.unwrap();
            let error = session.range::<u32>(&HISTORY, 0..1).await.unwrap_err();
            assert!(error.is_malformed() && !format!("{error:?}").contains("diagnosis"));
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_a_capacity_error_and_changes_nothing() {
    let mut limits = Limits::default();
    limits.record_bytes = 64;
    let double = Double::of(MemoryStore::new(limits));
    let request = App::on(&double).request_of("ada").await;
    request
        .run(async {
            let session = Session::current();
            session.update(|note: &mut Note| note.0 = "x".repeat(40)).await.unwrap();
            let error =
                session.update(|note: &mut Note| note.0 = "y".repeat(80)).await.unwrap_err();
            assert!(error.is_capacity());
            assert_eq!(error.limit(), Some("record_bytes"));
            assert_eq!(session.get::<Note>().await.unwrap().unwrap().0, "x".repeat(40));
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn use_goes_on_with_the_session_and_reading_does_not() {
    let app = App::new();
    let request = app.request_of("ada").await;
    for _ in 0..3 {
        advance(29 * MINUTE).await;
        request.run(async { Session::current().touch().await }).await.unwrap();
        advance(29 * MINUTE).await;
        request.run(async { Session::current().append(&HISTORY, "x").await }).await.unwrap();
        assert!(!request.context.is_revoked());
    }
    advance(29 * MINUTE).await;
    request.count().await.unwrap();
    advance(MINUTE).await;
    assert!(request.context.is_revoked());
    assert!(request.count().await.unwrap_err().is_revoked());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_another_process_uses_does_not_expire_here() {
    let here = App::new();
    let there = App::on(&here.double);
    let token = here.session_of("ada").await;
    let request = here.come_back(&token).await.unwrap();
    request.add(1).await.unwrap();
    for _ in 0..3 {
        advance(20 * MINUTE).await;
        there.come_back(&token).await.unwrap().add(1).await.unwrap();
    }
    assert_eq!(request.count().await.unwrap(), Some(4));
    assert!(!request.context.is_revoked());
}
