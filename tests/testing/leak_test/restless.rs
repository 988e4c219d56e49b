//! Programs that never wait, so that a paused clock stands still.

use super::support::by_name;
use super::support::user_of;
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::spawn_outside;
use request_context::testing::LeakTest;
use request_context::testing::Report;
use std::future::pending;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::Instant;
use tokio::time::sleep;

async fn visited<F>(work: fn() -> F) -> Report
where
    F: Future<Output = ()> + Send + 'static,
{
    let app = move || {
        let handler = move |headers: HeaderMap| async move {
            work().await;
            user_of(&headers)
        };
        Router::new().route("/", get(handler))
    };
    let test = LeakTest::new(app).sessions(2).requests(1).seeds(0..50);
    test.request(|visitor, _, _| by_name(visitor)).run().await
}

fn assert_given_up(report: &Report) {
    assert!(!report.is_isolated() && report.is_vacuous(), "{report}");
    assert_eq!((report.seeds_run, report.restless), (1, 1), "{report}");
    let text = report.to_string();
    assert!(text.contains("without ever waiting"), "{text}");
}

#[tokio::test]
async fn a_request_that_only_yields_ends_the_test() {
    assert_given_up(&visited(go_on).await);
}

async fn go_on() {
    loop {
        yield_now().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "what a program may do")]
async fn behind_a_plain_task() {
    drop(tokio::spawn(go_on()));
    pending::<()>().await;
}

#[tokio::test]
async fn a_plain_task_that_only_yields_ends_the_test() {
    assert_given_up(&visited(behind_a_plain_task).await);
}

#[tokio::test]
async fn a_task_of_the_schedule_that_only_yields_ends_the_test() {
    let report = visited(|| async {
        drop(spawn_outside(go_on()));
        pending::<()>().await;
    });
    assert_given_up(&report.await);
}

#[tokio::test]
async fn what_passed_before_is_worth_nothing_then() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let app = || {
        // The first seed is run twice.
        let is_late = RUNS.fetch_add(1, Relaxed) == 2;
        let handler = move |headers: HeaderMap| async move {
            if is_late {
                go_on().await;
            }
            user_of(&headers)
        };
        Router::new().route("/", get(handler))
    };
    let test = LeakTest::new(app).sessions(2).requests(1).seeds(0..50);
    let report = test.request(|visitor, _, _| by_name(visitor)).run().await;
    assert_eq!((report.seeds_run, report.stuck), (2, 1), "{report}");
    assert!(!report.is_isolated() && report.is_vacuous(), "{report}");
}

#[tokio::test]
async fn who_yields_until_it_is_late_sees_the_time_go_on() {
    let report = visited(|| async {
        let late = Instant::now() + Duration::from_millis(20);
        while Instant::now() < late {
            yield_now().await;
        }
    });
    let report = report.await;
    assert!(report.is_isolated(), "{report}");
    assert_eq!(report.stuck, 0);
}

#[tokio::test]
async fn who_waits_long_is_not_taken_for_restless() {
    let report = visited(|| sleep(Duration::from_secs(1800))).await;
    assert!(report.is_isolated(), "{report}");
}
