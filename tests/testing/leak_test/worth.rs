//! A pass that is worth less than it seems to be, and a failure whose cause is elsewhere.

use super::support::Database;
use super::support::by_name;
use super::support::correct;
use super::support::greeted;
use super::support::last_value_slot;
use super::support::user_of;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::routing::post;
use request_context::RequestContext;
use request_context::spawn;
use request_context::spawn_outside;
use request_context::testing::LeakTest;
use request_context::testing::Mode;
use request_context::testing::Report;
use request_context::testing::Sink;
use request_context::testing::TestRequest;
use std::future::pending;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tracing::info;

fn says(report: &Report, what: &str) -> bool {
    report.notes.iter().any(|note| note.contains(what))
}

#[tokio::test]
async fn who_saw_itself_in_the_answer_to_its_login_only_has_proved_nothing() {
    let app = || {
        let log_in = |name: String| async move { format!("welcome, {name}") };
        Router::new()
            .route("/login", post(log_in))
            .route("/notes", get(|| async { StatusCode::UNAUTHORIZED }))
    };
    let report = LeakTest::new(app)
        .seeds(0..2)
        .login(|visitor| TestRequest::post("/login").body(visitor.canary("user")))
        .request(|_, _, _| TestRequest::get("/notes"))
        .run()
        .await;
    assert!(report.is_vacuous(), "{report}");
    assert!(report.vacuous[0].instead.contains("64 x 401 Unauthorized"), "{report}");
}

#[tokio::test]
async fn a_pass_with_nothing_but_refusals_says_so() {
    let app = || {
        let refuse = |headers: HeaderMap| async move {
            (StatusCode::FORBIDDEN, format!("{} may not", user_of(&headers)))
        };
        Router::new().route("/", get(refuse))
    };
    let report = LeakTest::new(app).seeds(0..2).request(|visitor, _, _| by_name(visitor));
    let report = report.run().await;
    assert!(says(&report, "64 x 403 Forbidden"), "{report}");
}

#[tokio::test]
async fn a_pass_without_a_stop_inside_a_request_says_so() {
    let app =
        || Router::new().route("/", get(|headers: HeaderMap| async move { user_of(&headers) }));
    let report = LeakTest::new(app).seeds(0..20).request(|visitor, _, _| by_name(visitor));
    let report = report.run().await;
    assert!(report.is_isolated());
    assert!(says(&report, "no request was stopped before its answer"), "{report}");
    let report = greeted(correct).seeds(0..20).run().await;
    assert_eq!(report.notes, Vec::<String>::new());
}

#[tokio::test]
async fn a_program_that_hangs_is_said_once_and_with_what_may_help() {
    let app = || {
        let hang = |headers: HeaderMap, uri: Uri| async move {
            match uri.query() {
                Some(_) => pending().await,
                None => user_of(&headers),
            }
        };
        Router::new().route("/", get(hang))
    };
    let test = LeakTest::new(app).seeds(0..20);
    let report = test.request(|visitor, request, _| match request {
        0 => by_name(visitor),
        _ => TestRequest::get("/?hang").header("x-user", &visitor.canary("user")),
    });
    let report = report.run().await;
    assert!(!report.is_isolated(), "{report}");
    let notes = report.notes.iter().filter(|note| note.contains("came to no end"));
    let notes: Vec<_> = notes.collect();
    assert_eq!(notes.len(), 1, "{report}");
    assert!(notes[0].contains("20 of 20 seeds") && notes[0].contains("real_time"), "{report}");
}

#[tokio::test]
async fn a_program_that_always_panics_ends_the_search_and_says_what_it_said() {
    let app = || Router::new().route("/", get(fall));
    let report = LeakTest::new(app).request(|visitor, _, _| by_name(visitor)).run().await;
    assert!(report.is_vacuous(), "{report}");
    assert!(report.seeds_run < 10, "{report}");
    assert!(says(&report, "the configuration is missing"), "{report}");
}

async fn fall() -> StatusCode {
    panic!("the configuration is missing")
}

#[tokio::test]
async fn one_seed_alone_is_the_run_that_it_was_among_others() {
    for mode in [Mode::Mixed, Mode::Pct { depth: 2 }, Mode::Pct { depth: 3 }] {
        let report = greeted(correct).mode(mode).seeds(3..4).run().await;
        assert_eq!(report.notes, Vec::<String>::new(), "{mode:?}");
        let found = greeted(last_value_slot).mode(mode).seeds(3..40).run().await;
        let seed = found.leaks[0].seed;
        let again = greeted(last_value_slot).mode(mode).seeds(seed..seed + 1).run().await;
        assert_eq!(again.decisions, found.decisions, "{mode:?}");
    }
}

/// Greets by a task that it starts itself, and that the schedule has too.
fn by_an_actor() -> Router {
    let (ask, mut asked) = mpsc::channel::<(String, oneshot::Sender<String>)>(4);
    spawn_outside(async move {
        while let Some((user, answer)) = asked.recv().await {
            // Who does not wait any more needs no answer.
            drop(answer.send(user));
        }
    });
    let greet = move |headers: HeaderMap| async move {
        let (answer, answered) = oneshot::channel();
        ask.send((user_of(&headers), answer)).await.unwrap();
        answered.await.unwrap()
    };
    Router::new().route("/", get(greet))
}

#[tokio::test]
async fn the_first_run_of_a_program_with_tasks_of_its_own_is_as_the_others() {
    for seed in 0..4 {
        let report = greeted(by_an_actor).seeds(seed..seed + 1).run().await;
        assert_eq!(report.notes, Vec::<String>::new(), "seed {seed}");
    }
}

#[tokio::test]
async fn a_task_is_of_who_started_it_also_where_request_ids_are_not_unique() {
    let app = || {
        let greet = |headers: HeaderMap| {
            let user = user_of(&headers);
            // As from a client that is trusted with the IDs of its requests, and has only one.
            let id = "the-same-for-all".parse().unwrap();
            RequestContext::builder().request_id(id).build().scope(async move {
                info!("received");
                let name = user.clone();
                spawn(async move { info!(user = name, "noted") }).await.unwrap();
                user
            })
        };
        Router::new().route("/", get(greet))
    };
    let report = greeted(app).seeds(0..20).expect_own(Sink::Event).run().await;
    assert!(report.is_isolated(), "{report}");
}

#[tokio::test]
async fn tasks_that_no_schedule_has_are_said() {
    let app = || Router::new().route("/", get(by_a_plain_task));
    let report = greeted(app).seeds(0..2).run().await;
    assert!(says(&report, "plain `tokio::spawn`"), "{report}");
    assert!(report.to_string().contains("plain `tokio::spawn`"), "{report}");
    assert!(report.to_json().contains("plain `tokio::spawn`"), "{report}");
    assert!(report.to_html().contains("plain `tokio::spawn`"), "{report}");
    let report = greeted(by_an_actor).seeds(0..2).run().await;
    assert!(!says(&report, "plain `tokio::spawn`"), "{report}");
}

#[expect(clippy::disallowed_methods, reason = "what a program may do")]
async fn by_a_plain_task(headers: HeaderMap) -> String {
    tokio::spawn(async move { user_of(&headers) }).await.unwrap()
}

#[tokio::test]
async fn what_answers_is_preferred_where_everything_answers() {
    let app = || {
        let last = Arc::new(Mutex::new(String::new()));
        let chat = move |headers: HeaderMap| async move {
            let user = user_of(&headers);
            let before = std::mem::replace(&mut *last.lock().unwrap(), user.clone());
            format!("{user} after {before}")
        };
        let page = || async { StatusCode::FORBIDDEN.into_response() };
        Router::new().route("/messages", get(chat)).fallback(page)
    };
    let report = LeakTest::new(app).seeds(0..2).run().await;
    assert!(!report.leaks.is_empty(), "{report}");
}

#[tokio::test]
async fn what_the_seed_does_not_govern_is_told_with_the_first_step_that_differs() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let app = || {
        let run = RUNS.fetch_add(1, Relaxed);
        let database = Database::default();
        let greet = move |headers: HeaderMap| async move {
            database.look_up().await;
            if run % 2 == 1 {
                database.look_up().await;
            }
            user_of(&headers)
        };
        Router::new().route("/", get(greet))
    };
    let report = LeakTest::new(app).mode(Mode::Uniform).sessions(2).seeds(0..1);
    let report = report.request(|visitor, _, _| by_name(visitor)).run().await;
    let told = "seed 0, run twice, was not the same from step ";
    let at = |text: &str| text.split(told).nth(1)?.split(' ').next()?.parse::<usize>().ok();
    let step = report.notes.iter().find_map(|note| at(note)).expect("a note");
    assert!((1..40).contains(&step), "{report}");
    for text in [report.to_string(), report.to_json(), report.to_html()] {
        assert_eq!(at(&text), Some(step), "{text}");
    }
}

fn replay_line() -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // What a report is called is nothing that `cargo test` knows.
    let report = runtime.block_on(greeted(last_value_slot).name("any name").run());
    report.replay.unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a thread of no request, for its name")]
fn the_line_that_replays_can_be_given_to_a_shell() {
    let test = "leak_test::worth::the_line_that_replays_can_be_given_to_a_shell";
    for (thread, told) in [(test, test), ("it's mine", r"'it'\''s mine'")] {
        let told = format!("' cargo test {told} -- --exact");
        let named = thread::Builder::new().name(thread.to_owned());
        let line = named.spawn(replay_line).unwrap().join().unwrap();
        assert!(line.ends_with(&told), "{line}");
    }
}
