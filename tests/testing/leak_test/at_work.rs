//! Programs that are at work by themselves: what they start is no session's, and hides nothing.

use super::support::greeted;
use super::support::user_of;
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::spawn_outside;
use request_context::testing::Sink;
use std::future::pending;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::interval;
use tokio::time::sleep;

/// Starts a job in each second, which is at work for `long`.
#[expect(clippy::disallowed_methods, reason = "what a program may do")]
async fn each_second(long: Duration) {
    let mut seconds = interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        drop(tokio::spawn(sleep(long)));
    }
}

/// Starts a plain task as well, which ends.
#[expect(clippy::disallowed_methods, reason = "what a program may do")]
async fn answers(headers: HeaderMap) -> String {
    sleep(Duration::from_millis(700)).await;
    tokio::spawn(async move { user_of(&headers) }).await.unwrap()
}

/// Leaves one behind.
#[expect(clippy::disallowed_methods, reason = "what a program may do")]
async fn leaves(headers: HeaderMap) -> String {
    drop(tokio::spawn(pending::<()>()));
    yield_now().await;
    user_of(&headers)
}

#[expect(clippy::disallowed_methods, reason = "what a program may do")]
fn with_lasting_jobs() -> Router {
    drop(tokio::spawn(each_second(Duration::from_secs(600))));
    Router::new().route("/", get(answers))
}

/// Behind a queue, with a worker of its own.
fn queued() -> Router {
    Router::new().route("/", get(answers)).layer(
        tower::ServiceBuilder::new()
            .layer(axum::error_handling::HandleErrorLayer::new(|_| async { "refused" }))
            .buffer(2),
    )
}

fn with_lasting_jobs_of_ours() -> Router {
    drop(spawn_outside(each_second(Duration::from_secs(600))));
    Router::new().route("/", get(answers))
}

#[expect(clippy::disallowed_methods, reason = "what a program may do")]
fn with_short_jobs() -> Router {
    drop(tokio::spawn(each_second(Duration::from_millis(5))));
    Router::new().route("/", get(answers))
}

#[tokio::test]
async fn jobs_of_a_task_from_before_the_first_request_are_no_sessions() {
    for program in
        [with_lasting_jobs as fn() -> Router, with_lasting_jobs_of_ours, with_short_jobs, queued]
    {
        let report = greeted(program).seeds(0..10).run().await;
        assert!(report.is_isolated(), "{report}");
    }
}

#[expect(clippy::disallowed_methods, reason = "what a program may do")]
fn leaving_beside_plain_jobs() -> Router {
    drop(tokio::spawn(each_second(Duration::from_secs(600))));
    Router::new().route("/", get(leaves))
}

fn leaving_beside_short_jobs() -> Router {
    drop(spawn_outside(each_second(Duration::from_millis(5))));
    Router::new().route("/", get(leaves))
}

#[tokio::test]
async fn jobs_of_the_program_hide_no_task_of_a_session() {
    for program in [leaving_beside_plain_jobs as fn() -> Router, leaving_beside_short_jobs] {
        let report = greeted(program).seeds(0..4).run().await;
        let leak = report.leaks.first().unwrap_or_else(|| panic!("{report}"));
        assert_eq!(leak.first.sink, Sink::LeftTask, "{report}");
        let story = report.story.as_ref().unwrap();
        assert_eq!(story.sessions.len(), 1, "{report}");
    }
}
