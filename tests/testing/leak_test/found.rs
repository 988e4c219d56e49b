//! What is found, and what a pass is worth.

use super::support::Database;
use super::support::correct;
use super::support::greeted;
use super::support::last_value_slot;
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::testing::LeakTest;
use request_context::testing::Sink;
use request_context::testing::TestRequest;
use request_context::testing::Visitor;
use request_context::testing::assert_isolated;
use std::cell::RefCell;
use std::sync::Mutex;

#[tokio::test]
async fn a_slot_for_the_last_value_is_found() {
    let report = greeted(last_value_slot).run().await;
    assert!(!report.is_isolated());
    assert!(!report.matrix.is_clean());
    assert_eq!(report.leaks[0].first.sink, Sink::Body);
    assert_eq!(report.leaks[0].first.field, "user");
}

#[tokio::test]
async fn it_is_found_in_nearly_every_seed() {
    let report = greeted(last_value_slot).keep_going().run().await;
    assert_eq!(report.seeds_run, 200);
    assert!(report.leaks[0].seeds >= 160, "{}", report.leaks[0].seeds);
}

#[tokio::test]
async fn its_corrected_twin_passes_with_every_seed() {
    let report = greeted(correct).run().await;
    assert!(report.is_isolated(), "{report:#?}");
    assert_eq!(report.seeds_run, 200);
    assert_eq!(report.answered, 200 * 8 * 4);
    assert!(report.matrix.is_clean());
    assert_eq!(report.matrix.seen(3, 3), 200 * 4);
}

#[tokio::test]
async fn a_pass_says_how_much_was_explored_and_what_was_planted() {
    let report = greeted(correct).run().await;
    assert!(report.schedules > 190, "{}", report.schedules);
    assert!(report.coverage.pairs() >= 8, "{:?}", report.coverage);
    assert!(!report.coverage.still_rises(), "{:?}", report.coverage);
    assert!(report.planted.len() >= 2);
    assert!(report.planted.iter().all(|planted| planted.found > 0), "{:?}", report.planted);
}

#[tokio::test]
async fn who_never_sees_itself_has_proved_nothing() {
    let app = || Router::new().route("/", get(|| async { "hello whoever you are" }));
    let report = LeakTest::new(app).seeds(0..5).run().await;
    assert!(report.leaks.is_empty() && report.is_vacuous() && !report.is_isolated());
    assert_eq!(report.vacuous[0].sink, Sink::Body);
    assert_eq!(report.vacuous[0].sessions, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(report.vacuous[0].instead, "160 x 200 OK");
}

#[test]
#[should_panic(expected = "acuous")]
fn a_test_that_proved_nothing_fails() {
    let app = || Router::new().route("/", get(|| async { "hello whoever you are" }));
    LeakTest::new(app).seeds(0..5).assert_isolated();
}

#[test]
fn a_correct_async_fn_passes() {
    assert_isolated(|visitor: Visitor| async move { format!("hello {}", visitor.canary("user")) });
}

#[test]
#[should_panic(expected = "session")]
fn an_async_fn_with_a_thread_local_over_an_await_fails() {
    thread_local! {
        static USER: RefCell<String> = const { RefCell::new(String::new()) };
    }
    let database = Database::default();
    assert_isolated(move |visitor: Visitor| {
        let database = database.clone();
        async move {
            USER.set(visitor.canary("user"));
            database.look_up().await;
            USER.with_borrow(Clone::clone)
        }
    });
}

#[tokio::test]
async fn what_all_may_see_is_no_leak() {
    static LATEST: Mutex<String> = Mutex::new(String::new());
    let app = || {
        let headline = |headers: HeaderMap| async move {
            let text = headers["x-headline"].to_str().unwrap().to_owned();
            let before = std::mem::replace(&mut *LATEST.lock().unwrap(), text);
            format!("{before} for {}", headers["x-user"].to_str().unwrap())
        };
        Router::new().route("/", get(headline))
    };
    let test = || {
        LATEST.lock().unwrap().clear();
        LeakTest::new(app).seeds(0..1).request(|visitor, _, _| {
            TestRequest::get("/")
                .header("x-headline", &visitor.canary("headline"))
                .header("x-user", &visitor.canary("user"))
        })
    };
    assert!(!test().run().await.is_isolated());
    let report = test().shared("headline").run().await;
    assert!(report.is_isolated(), "{report:#?}");
}
