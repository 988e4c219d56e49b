//! Tasks and blocking calls of the code under test.

use super::support::Database;
use super::support::by_name;
use super::support::user_of;
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::JoinSetExt;
use request_context::RequestContext;
use request_context::UserId;
use request_context::spawn;
use request_context::spawn_blocking;
use request_context::spawn_outside;
use request_context::testing::LeakTest;
use request_context::testing::Sink;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::task::JoinSet;
use tracing::info;

fn context_of(headers: &HeaderMap) -> RequestContext {
    let user: UserId = user_of(headers).parse().unwrap();
    RequestContext::builder().user(user).build()
}

/// What a handler does in the context of its user, in a task that it spawns.
fn tested<F>(work: fn(Database, Arc<Mutex<String>>, String) -> F) -> LeakTest
where
    F: Future<Output = String> + Send + 'static,
{
    let app = move || {
        let (database, last) = (Database::default(), Arc::new(Mutex::new(String::new())));
        let handler = move |headers: HeaderMap| {
            let (database, last) = (database.clone(), Arc::clone(&last));
            context_of(&headers).scope(work(database, last, user_of(&headers)))
        };
        Router::new().route("/", get(handler))
    };
    let test = LeakTest::new(app).seeds(0..60).requests(2);
    test.request(|visitor, _, _| by_name(visitor)).expect_own(Sink::Task)
}

#[tokio::test]
async fn a_spawned_task_is_stopped_at_its_operations_too() {
    let report = tested(|database, last, user| async move {
        let task = spawn(async move {
            *last.lock().unwrap() = user;
            database.look_up().await;
            last.lock().unwrap().clone()
        });
        task.await.unwrap()
    });
    let report = report.run().await;
    let story = report.story.expect("a leak");
    assert_eq!((story.sessions.len(), story.requests), (2, 2));
    assert!(story.timeline.iter().any(|moment| moment.task == 1), "{story:#?}");
    assert_eq!(report.notes, Vec::<String>::new());
}

#[tokio::test]
async fn tasks_of_a_set_and_outside_join_the_schedule() {
    let report = tested(|database, last, user| async move {
        let mut set = JoinSet::new();
        set.spawn_in_context(async move {
            spawn_outside(async move {
                *last.lock().unwrap() = user;
                database.look_up().await;
                last.lock().unwrap().clone()
            })
            .await
            .unwrap()
        });
        set.join_next().await.unwrap().unwrap()
    });
    assert!(report.run().await.story.is_some());
}

#[tokio::test]
async fn a_blocking_call_has_its_turn_so_that_the_same_seed_is_the_same_run() {
    let run = || {
        tested(|database, _, user| async move {
            database.look_up().await;
            let text = user.clone();
            let weighed = spawn_blocking(move || {
                info!("weighing {text}");
                RequestContext::current().user().map(ToString::to_string)
            });
            let seen = weighed.await.unwrap().unwrap();
            database.look_up().await;
            assert_eq!(seen, user);
            seen
        })
    };
    let (first, second) = (run().run().await, run().run().await);
    assert!(first.is_isolated(), "{first}");
    assert_eq!(first.trace, second.trace);
    assert_eq!(first.notes, Vec::<String>::new());
}

#[tokio::test]
async fn a_blocking_call_that_waits_for_another_task_does_not_stop_the_run() {
    let report = tested(|database, _, user| async move {
        let (give, given) = tokio::sync::oneshot::channel();
        let (start, started) = tokio::sync::oneshot::channel();
        let waiting = spawn_blocking(move || {
            start.send(()).unwrap();
            given.blocking_recv().unwrap()
        });
        let giving = spawn(async move {
            started.await.unwrap();
            database.look_up().await;
            drop(give.send(user));
        });
        giving.await.unwrap();
        waiting.await.unwrap()
    });
    let report = report.sessions(2).requests(1).seeds(0..1).run().await;
    assert!(report.leaks.is_empty(), "{report}");
    assert!(report.notes.iter().any(|note| note.contains("blocking call")), "{report}");
}

#[tokio::test]
async fn the_panic_of_a_task_is_looked_into() {
    static BEFORE: Mutex<String> = Mutex::new(String::new());
    let report = tested(|_, _, user| async move {
        let before = std::mem::replace(&mut *BEFORE.lock().unwrap(), user.clone());
        let task = spawn(async move { panic!("the last one was {before}") });
        let _ended: Result<(), _> = task.await;
        user
    });
    let report = report.run().await;
    assert_eq!(report.leaks[0].first.sink, Sink::Panic, "{report}");
}

#[tokio::test]
async fn whose_context_a_task_takes_along_is_looked_at() {
    static SLOT: Mutex<Option<RequestContext>> = Mutex::new(None);
    let report = tested(|database, _, user| async move {
        *SLOT.lock().unwrap() = Some(RequestContext::current());
        database.look_up().await;
        let context = SLOT.lock().unwrap().clone().unwrap();
        context.scope(async { spawn(async {}).await.unwrap() }).await;
        user
    });
    let report = report.run().await;
    assert_eq!(report.leaks[0].first.sink, Sink::Task, "{report}");
    assert_eq!(report.leaks[0].first.place, "user.id");
}
