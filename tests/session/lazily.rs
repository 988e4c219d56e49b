//! A session is made by the first write of a request, once.

use super::support::*;
use futures::future::join_all;
use request_context::owner::Owned;
use request_context::owner::PerSession;
use request_context::session::*;

#[tokio::test(start_paused = true)]
async fn a_request_that_only_reads_makes_none() {
    let app = App::new();
    let request = app.visit();
    request
        .run(async {
            let session = Session::current();
            assert_eq!(session.id(), None);
            assert_eq!(session.get::<Count>().await.unwrap(), None);
            assert!(!session.remove::<Count>().await.unwrap());
            assert_eq!(session.range::<String>(&HISTORY, 0..9).await.unwrap(), Listed::default());
            session.trim(&HISTORY, 3).await.unwrap();
            session.touch().await.unwrap();
            session.rotate().await.unwrap();
        })
        .await;
    assert!(app.store().is_empty());
    assert_eq!(request.respond(), None);
}

#[tokio::test(start_paused = true)]
async fn of_32_first_writes_at_once_one_makes_it_and_none_is_lost() {
    let app = App::new();
    let request = app.visit();
    let write = |n: usize| {
        let request = request.clone();
        async move {
            if n.is_multiple_of(2) {
                request.add(1).await.unwrap();
            } else {
                let append = async { Session::current().append(&HISTORY, &n).await };
                request.run(append).await.unwrap();
            }
        }
    };
    join_all((0..32).map(write)).await;
    assert_eq!((app.store().len(), app.double.count("create")), (1, 1));
    let token = request.respond().unwrap();
    assert_eq!(Some(token.session_id()), request.session().id());
    let next = app.come_back(&token).await.unwrap();
    assert_eq!(next.count().await.unwrap(), Some(16));
    let range = async { Session::current().range::<usize>(&HISTORY, 0..99).await };
    assert_eq!(next.run(range).await.unwrap().items.len(), 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn so_also_over_several_threads() {
    for _ in 0..50 {
        let app = App::new();
        let request = app.visit();
        let write = |_| {
            request.context.clone().sync_scope(|| {
                request_context::spawn(async {
                    Session::current().update(|count: &mut Count| count.0 += 1).await
                })
            })
        };
        let tasks: Vec<_> = (0..32).map(write).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!((app.store().len(), request.count().await.unwrap()), (1, Some(32)));
    }
}

#[tokio::test(start_paused = true)]
async fn it_belongs_to_who_the_request_is_for() {
    let app = App::new();
    let outbox = Outbox::new();
    let context = request_context::RequestContext::builder().user(user("ada")).build();
    let context = app.sessions.enter(&context, None, &outbox).unwrap();
    let request = Request { context, outbox };
    request.add(1).await.unwrap();
    let token = request.respond().unwrap();
    assert_eq!(app.store().load(&token.session_id()).unwrap().owner, owner("ada"));
    assert_eq!(app.come_back(&token).await.unwrap().context.user(), Some(&user("ada")));
}

#[tokio::test(start_paused = true)]
async fn a_first_write_that_is_cancelled_anywhere_and_tried_again_makes_one() {
    for polls in 0..20 {
        let app = App::new();
        let request = app.visit();
        let _ = polled(request.add(1), polls);
        assert!(request.add(10).await.unwrap() >= 10);
        assert_eq!(app.store().len(), 1, "after {polls} polls");
        let token = request.respond().unwrap();
        let count = app.come_back(&token).await.unwrap().count().await.unwrap();
        assert!(matches!(count, Some(10 | 11)), "{count:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_makes_no_second_one() {
    let app = App::new();
    let request = app.visit();
    for fault in [Fault::AnswerLost, Fault::LostOnTheWay, Fault::AnswerLost] {
        app.double.fail("create", fault);
    }
    assert_eq!(request.add(1).await.unwrap(), 1);
    assert_eq!(app.store().len(), 1);

    let request = app.visit();
    for _ in 0..4 {
        app.double.fail("create", Fault::AnswerLost);
    }
    assert!(request.add(1).await.unwrap_err().is_in_doubt());
    assert_eq!(request.add(1).await.unwrap(), 1, "the one that was made is found");
    assert_eq!(app.store().len(), 2);
    let token = request.respond().unwrap();
    assert_eq!(app.come_back(&token).await.unwrap().count().await.unwrap(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_reached_leaves_nothing_behind() {
    let app = App::new();
    let request = app.visit();
    app.double.fail("create", Fault::Unavailable);
    assert!(request.add(1).await.unwrap_err().is_unavailable());
    assert_eq!(request.session().id(), None);
    assert_eq!(request.add(1).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_token_is_never_adopted() {
    let app = App::new();
    let token = SessionToken::new().unwrap();
    assert!(app.sessions.open(&token).await.unwrap().is_none());
    assert!(app.store().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_context_with_the_session_is_there_for_the_asking() {
    let app = App::new();
    let request = app.visit();
    let ask = || request.run(async { Session::current().context().unwrap() });
    assert_eq!(ask().await.session(), None);
    request.add(1).await.unwrap();
    let context = ask().await;
    assert_eq!(context.session(), request.session().id().as_ref());
    assert_eq!(request.context.session(), None, "the one that is there does not change");

    let values = PerSession::<u32>::new();
    let within = request.then(context);
    assert_eq!(within.add(1).await.unwrap(), 2, "it is the same handle");
    assert_eq!(
        within.run(async { Session::current().context() }).await.unwrap().session(),
        within.context.session()
    );
    let sealed = within.context.clone().sync_scope(|| {
        values.with(|value| *value = 7);
        Owned::new(7)
    });
    assert!(request.context.clone().sync_scope(|| values.try_with(|_| ())).is_err());
    let token = request.respond().unwrap();
    let next = app.come_back(&token).await.unwrap();
    assert_eq!(next.context.clone().sync_scope(|| values.with(|value| *value)), 7);
    next.log_out().await.unwrap();
    assert!(within.context.is_revoked() && within.count().await.unwrap_err().is_revoked());
    within.context.sync_scope(|| {
        assert!(sealed.try_open().unwrap_err().is_revoked());
        assert!(values.try_with(|_| ()).unwrap_err().is_revoked());
    });
}

#[tokio::test(start_paused = true)]
async fn a_handle_is_foreign_in_the_context_of_another_session_than_the_one_it_has_begun() {
    let app = App::new();
    let request = app.visit();
    let other = |request: &Request| {
        let context = request.context.to_builder().session(id("another")).build();
        request.then(context)
    };
    assert!(other(&request).add(1).await.unwrap_err().is_foreign());
    request.add(1).await.unwrap();
    assert!(other(&request).add(1).await.unwrap_err().is_foreign());
    let of_ada = request.context.to_builder().user(user("ada")).build();
    assert!(request.then(of_ada).add(1).await.unwrap_err().is_foreign());
}
