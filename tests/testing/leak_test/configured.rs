//! What a test is told.

use super::support::Database;
use super::support::by_name;
use super::support::correct;
use super::support::greeted;
use super::support::last_value_slot;
use super::support::user_of;
use axum::Json;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::routing::post;
use request_context::testing::LeakTest;
use request_context::testing::Mode;
use request_context::testing::TestRequest;
use request_context::testing::assert_isolated;
use serde_json::Value;
use std::sync::Arc;
use std::sync::Mutex;
use tracing::Instrument;
use tracing::info_span;

/// A server as one begins with: who logged in is `me`.
fn incident() -> Router {
    let current = Arc::new(Mutex::new(String::new()));
    let me = Arc::clone(&current);
    let log_in = move |Json(login): Json<Value>| {
        *current.lock().unwrap() = login["user"].as_str().unwrap().to_owned();
        async { StatusCode::NO_CONTENT }
    };
    let profile = move || {
        let user = me.lock().unwrap().clone();
        async move { format!("your profile, {user}") }
    };
    Router::new().route("/login", post(log_in)).route("/profile", get(profile))
}

#[test]
#[should_panic(expected = "session")]
fn one_line_finds_a_current_user_in_the_module() {
    assert_isolated(incident);
}

/// The same, with a cookie.
fn mended() -> Router {
    let log_in = |Json(login): Json<Value>| async move {
        let cookie = format!("user={}; HttpOnly", login["user"].as_str().unwrap());
        ([("set-cookie", cookie)], StatusCode::NO_CONTENT)
    };
    let profile = |headers: HeaderMap| async move {
        match headers.get("cookie").and_then(|cookie| cookie.to_str().ok()) {
            Some(cookie) => format!("your profile, {}", &cookie["user=".len()..]).into_response(),
            None => StatusCode::UNAUTHORIZED.into_response(),
        }
    };
    Router::new().route("/login", post(log_in)).route("/profile", get(profile))
}

#[test]
fn one_line_passes_its_corrected_twin() {
    assert_isolated(mended);
}

#[tokio::test]
async fn what_was_found_is_said() {
    let report = LeakTest::new(mended).seeds(0..2).run().await;
    assert_eq!(report.notes, ["no request was given; these were found: GET /profile"]);
    let report = LeakTest::new(Router::new).seeds(0..2).run().await;
    assert!(report.is_vacuous());
    assert!(report.notes[0].contains("give `.request(..)` or `.paths(..)`"), "{report}");
}

#[tokio::test]
async fn paths_alone_are_enough_where_the_names_are_usual() {
    let app = || {
        let shared = Arc::new(Mutex::new(String::new()));
        let search = move |uri: Uri| {
            let asked = uri.query().unwrap().split("q=").nth(1).unwrap().to_owned();
            let last = std::mem::replace(&mut *shared.lock().unwrap(), asked.clone());
            async move { format!("{asked} and before that {last}") }
        };
        Router::new().route("/find", get(search))
    };
    let report = LeakTest::new(app).paths(["/find"]).seeds(0..1).run().await;
    assert_eq!(report.leaks[0].first.field, "secret", "{report}");
}

#[tokio::test]
async fn each_mode_finds_the_slot() {
    for mode in [Mode::Uniform, Mode::Pct { depth: 2 }, Mode::Pct { depth: 3 }] {
        let report = greeted(last_value_slot).mode(mode).run().await;
        assert!(!report.leaks.is_empty(), "{mode:?}: {report}");
        let report = greeted(correct).mode(mode).run().await;
        assert!(report.is_isolated(), "{mode:?}: {report}");
    }
}

/// Shows a reader what a writer keeps for a moment, which nobody reads unless it comes just then.
fn open_for_a_moment() -> Router {
    let (database, open) = (Database::default(), Arc::new(Mutex::new(None)));
    let (reading, read) = (database.clone(), Arc::clone(&open));
    let write = move |headers: HeaderMap| {
        let (database, open) = (database.clone(), Arc::clone(&open));
        let span = info_span!("writes");
        async move {
            for _ in 0..20 {
                database.look_up().await;
            }
            async {
                *open.lock().unwrap() = Some(user_of(&headers));
                database.look_up().await;
                *open.lock().unwrap() = None;
            }
            .instrument(span)
            .await;
            user_of(&headers)
        }
    };
    let read = move |headers: HeaderMap| {
        let (database, open) = (reading.clone(), Arc::clone(&read));
        async move {
            database.look_up().await;
            format!("{} {:?}", user_of(&headers), open.lock().unwrap())
        }
    };
    Router::new().route("/write", post(write)).route("/read", get(read))
}

fn write_and_read() -> LeakTest {
    LeakTest::new(open_for_a_moment).sessions(2).requests(1).request(|visitor, _, _| {
        let request = match visitor.number() {
            0 => TestRequest::post("/write"),
            _ => TestRequest::get("/read"),
        };
        request.header("x-user", &visitor.canary("user"))
    })
}

#[tokio::test]
async fn who_is_held_until_another_one_is_at_a_point_comes_just_then() {
    let free = write_and_read().keep_going().run().await;
    let held = write_and_read().hold(1, 0, "writes").keep_going().run().await;
    let seeds = |report: &request_context::testing::Report| {
        report.leaks.first().map_or(0, |leak| leak.seeds)
    };
    assert!(seeds(&held) > 2 * seeds(&free), "{} beside {}", seeds(&held), seeds(&free));
}

#[tokio::test]
async fn who_is_held_for_a_point_that_never_comes_is_let_go() {
    let report = greeted(correct).seeds(0..3).hold(1, 0, "nowhere").run().await;
    assert!(report.is_isolated(), "{report}");
}

#[tokio::test]
async fn sessions_that_wait_for_each_other_are_told_and_do_not_hang() {
    let app = || {
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        let handler = move |headers: HeaderMap| {
            let lock = Arc::clone(&lock);
            async move {
                std::mem::forget(lock.lock().await);
                user_of(&headers)
            }
        };
        Router::new().route("/", get(handler))
    };
    let test = LeakTest::new(app).sessions(2).requests(1).seeds(0..1);
    let report = test.request(|visitor, _, _| by_name(visitor)).run().await;
    assert!(report.notes.iter().any(|note| note.contains("came to no end")), "{report}");
    assert!(report.is_vacuous());
}

#[tokio::test]
async fn some_log_out_while_others_log_in() {
    static LOGINS: Mutex<(u32, u32)> = Mutex::new((0, 0));
    let app = || {
        let enter = |headers: HeaderMap| async move {
            LOGINS.lock().unwrap().0 += 1;
            user_of(&headers)
        };
        let leave = || async { LOGINS.lock().unwrap().1 += 1 };
        let routes = Router::new().route("/enter", post(enter)).route("/leave", post(leave));
        routes.route("/", get(|headers: HeaderMap| async move { user_of(&headers) }))
    };
    let named = |path: &'static str| {
        move |visitor: &request_context::testing::Visitor| {
            TestRequest::post(path).header("x-user", &visitor.canary("user"))
        }
    };
    let test = LeakTest::new(app).seeds(0..1).login(named("/enter")).logout(named("/leave"));
    let report = test.request(|visitor, _, _| by_name(visitor)).run().await;
    assert!(report.is_isolated(), "{report}");
    let (logins, logouts) = *LOGINS.lock().unwrap();
    assert_eq!(logins, logouts);
    // Each visitor once in each of the runs, and some twice: two of the seed, 16 with planted leaks.
    assert!((18 * 8 + 18..18 * 16).contains(&logins), "{logins}");
}

#[tokio::test]
async fn a_request_names_the_host_as_those_of_real_clients_do() {
    let app = || {
        let tell = |headers: HeaderMap| async move {
            assert_eq!(headers["host"], headers["x-expected"]);
            user_of(&headers)
        };
        Router::new().route("/", get(tell))
    };
    let report = LeakTest::new(app).seeds(0..1).requests(3);
    let report = report.request(|visitor, number, _| {
        let user = visitor.canary("user");
        match number {
            0 => TestRequest::get("/").header("x-expected", "localhost"),
            1 => TestRequest::get("/").header("host", "a.test").header("x-expected", "a.test"),
            _ => TestRequest::get("http://b.test/").header("x-expected", "b.test"),
        }
        .header("x-user", &user)
    });
    let report = report.run().await;
    assert!(report.is_isolated() && report.notes.len() < 2, "{report}");
    assert_eq!(report.answered, 3 * 8, "{report}");
}
