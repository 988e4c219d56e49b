//! What sessions leave behind when a run is over: tasks and contexts.

use super::support::Database;
use super::support::by_name;
use super::support::user_of;
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::RequestContext;
use request_context::UserId;
use request_context::carry;
use request_context::spawn;
use request_context::spawn_detached;
use request_context::spawn_outside;
use request_context::testing::LeakTest;
use request_context::testing::Report;
use request_context::testing::Sink;
use request_context::testing::StoryStep;
use request_context::thread;
use std::collections::BTreeSet;
use std::future::pending;
use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::sleep;
use tokio::time::timeout;

/// What a handler does in the context of its user, of a program that keeps contexts.
fn tested<F>(work: fn(Database, Arc<Kept>) -> F) -> LeakTest
where
    F: Future<Output = ()> + Send + 'static,
{
    let app = move || {
        let (database, kept) = (Database::default(), Arc::<Kept>::default());
        let handler = move |headers: HeaderMap| {
            let (database, kept) = (database.clone(), Arc::clone(&kept));
            let user: UserId = user_of(&headers).parse().unwrap();
            RequestContext::builder().user(user).build().scope(async move {
                work(database, kept).await;
                user_of(&headers)
            })
        };
        Router::new().route("/", get(handler))
    };
    LeakTest::new(app).seeds(0..4).requests(2).request(|visitor, _, _| by_name(visitor))
}

#[derive(Default)]
struct Kept {
    contexts: Mutex<Vec<RequestContext>>,
    task: OnceCell<()>,
}

fn sinks_of(report: &Report) -> BTreeSet<Sink> {
    report.leaks.iter().map(|leak| leak.first.sink).collect()
}

#[tokio::test]
async fn a_task_that_never_ends_fails_with_a_story_of_one_request() {
    let report = tested(|database, _| async move {
        drop(spawn(pending::<()>()));
        database.look_up().await;
    });
    let report = report.run().await;
    assert!(!report.is_isolated(), "{report}");
    assert_eq!(sinks_of(&report), BTreeSet::from([Sink::LeftTask]), "{report}");
    assert!(report.matrix.is_clean(), "{report}");
    let story = report.story.as_ref().unwrap();
    assert_eq!((story.sessions.len(), story.requests), (1, 1), "{report}");
    let moments: Vec<_> = story.timeline.iter().map(|moment| &moment.what).collect();
    assert!(moments.contains(&&StoryStep::Starts { task: Some(1) }), "{report}");
    assert!(matches!(moments.last(), Some(StoryStep::Sees(_))), "{report}");
    assert!(report.to_string().contains("left behind a task that does not end"), "{report}");
}

#[tokio::test]
async fn tasks_outside_detached_and_plain_are_left_behind_too() {
    let outside = tested(|_, _| async { drop(spawn_outside(pending::<()>())) });
    let detached = tested(|_, _| async { drop(spawn_detached(pending::<()>())) });
    for (test, place) in [(outside, ""), (detached, ""), (tested(plain), "tokio::spawn")] {
        let report = test.run().await;
        assert_eq!(sinks_of(&report), BTreeSet::from([Sink::LeftTask]), "{report}");
        assert_eq!(report.leaks[0].first.place, place, "{report}");
    }
}

#[expect(clippy::disallowed_methods, reason = "what a program may do")]
async fn plain(_: Database, _: Arc<Kept>) {
    drop(tokio::spawn(pending::<()>()));
}

#[expect(clippy::disallowed_methods, reason = "what a program may do")]
async fn plain_in_a_task(_: Database, _: Arc<Kept>) {
    spawn(async { drop(tokio::spawn(pending::<()>())) }).await.unwrap();
}

#[tokio::test]
async fn a_plain_task_that_another_task_has_started_is_the_sessions() {
    let report = tested(plain_in_a_task).run().await;
    assert_eq!(report.leaks[0].first.place, "tokio::spawn", "{report}");
}

#[expect(clippy::disallowed_methods, reason = "what a program may do")]
async fn ends_later(database: Database, _: Arc<Kept>) {
    drop(tokio::spawn(sleep(Duration::from_secs(20))));
    drop(spawn(sleep(Duration::from_secs(20))));
    drop(tokio::task::spawn_blocking(carry(|| {
        std::thread::sleep(Duration::from_millis(2));
    })));
    drop(thread::spawn(|| std::thread::sleep(Duration::from_millis(2))));
    database.look_up().await;
}

#[tokio::test]
async fn what_ends_within_a_minute_is_waited_for() {
    let report = tested(ends_later).run().await;
    assert!(report.is_isolated(), "{report}");
}

#[tokio::test]
async fn a_context_that_the_program_keeps_fails_whether_or_not_the_program_goes() {
    let of_program = tested(|database, kept| async move {
        database.look_up().await;
        kept.contexts.lock().unwrap().push(RequestContext::current());
    });
    let for_good = tested(|database, _| async move {
        database.look_up().await;
        mem::forget(RequestContext::current());
    });
    for test in [of_program, for_good] {
        let report = test.run().await;
        assert_eq!(sinks_of(&report), BTreeSet::from([Sink::LeftContext]), "{report}");
        let first = &report.leaks[0].first;
        assert!(first.excerpt.contains("user.id"), "{report}");
        let story = report.story.as_ref().unwrap();
        assert_eq!((story.sessions.len(), story.requests), (1, 1), "{report}");
    }
}

#[tokio::test]
async fn a_context_is_found_behind_a_task_that_ends_with_the_runtime() {
    let report = tested(|_, _| async {
        mem::forget(RequestContext::current());
        drop(spawn(pending::<()>()));
    });
    let both = BTreeSet::from([Sink::LeftTask, Sink::LeftContext]);
    assert_eq!(sinks_of(&report.run().await), both);
    let report = tested(|_, _| async { drop(spawn(pending::<()>())) });
    assert_eq!(sinks_of(&report.run().await), BTreeSet::from([Sink::LeftTask]));
}

#[tokio::test]
async fn so_many_are_let_be_as_the_test_allows() {
    // As a pool that is opened with the first request.
    let test = || {
        tested(|database, kept| async move {
            let open = || async { drop(spawn_outside(pending::<()>())) };
            kept.task.get_or_init(open).await;
            database.look_up().await;
        })
    };
    assert!(!test().run().await.is_isolated());
    let report = test().allow_left_tasks(1).run().await;
    assert!(report.is_isolated(), "{report}");
    // As a cache of the last one.
    let test = || {
        tested(|database, kept| async move {
            database.look_up().await;
            *kept.contexts.lock().unwrap() = vec![RequestContext::current()];
        })
    };
    assert!(!test().run().await.is_isolated());
    let report = test().allow_left_contexts(1).run().await;
    assert!(report.is_isolated(), "{report}");
}

#[tokio::test]
async fn a_task_that_is_let_be_hides_no_context_that_the_program_keeps() {
    let test = tested(|database, kept| async move {
        let open = || async { drop(spawn_outside(pending::<()>())) };
        kept.task.get_or_init(open).await;
        database.look_up().await;
        kept.contexts.lock().unwrap().push(RequestContext::current());
    });
    let report = test.allow_left_tasks(1).run().await;
    assert_eq!(sinks_of(&report), BTreeSet::from([Sink::LeftContext]), "{report}");
}

/// A task of the program, from before the first request, that starts others and makes contexts.
#[expect(clippy::disallowed_methods, reason = "what a program may do")]
fn with_tasks_of_its_own() -> Router {
    drop(tokio::spawn(pending::<()>()));
    let worker = async {
        let _of_the_worker = RequestContext::new();
        drop(spawn_outside(pending::<()>()));
        drop(tokio::spawn(pending::<()>()));
        pending::<()>().await;
    };
    drop(spawn_outside(worker));
    Router::new().route("/", get(by_a_plain_task))
}

/// Starts one as well, which ends.
#[expect(clippy::disallowed_methods, reason = "what a program may do")]
async fn by_a_plain_task(headers: HeaderMap) -> String {
    tokio::spawn(async move { user_of(&headers) }).await.unwrap()
}

#[tokio::test]
async fn what_was_there_before_the_first_request_does_not_count() {
    let report = super::support::greeted(with_tasks_of_its_own).seeds(0..10).run().await;
    assert!(report.is_isolated(), "{report}");
}

#[tokio::test]
async fn a_connection_that_is_kept_alive_leaves_nothing() {
    let app = || {
        tower::Layer::layer(
            &request_context::tower::RequestContextLayer::new(),
            super::support::correct(),
        )
    };
    let report = LeakTest::new(app).seeds(0..10).share_connections();
    let report = report.request(|visitor, _, _| by_name(visitor)).cancel(0.2).run().await;
    assert!(report.is_isolated(), "{report}");
}

#[tokio::test]
async fn a_run_in_which_requests_hang_is_not_blamed_for_what_they_have() {
    let report = tested(|_, _| async {
        drop(spawn(pending::<()>()));
        pending::<()>().await;
    });
    let report = report.run().await;
    assert_eq!(report.leaks, [], "{report}");
    assert!(report.is_vacuous());
}

#[tokio::test]
async fn on_a_real_clock_it_is_waited_for_as_well() {
    let report = tested(|_, _| async {
        drop(spawn(sleep(Duration::from_millis(20))));
        let _late = timeout(Duration::from_millis(1), pending::<()>()).await;
    });
    let report = report.seeds(0..2).real_time().run().await;
    assert_eq!(report.leaks, [], "{report}");
}
