//! What the seed does to requests, and what it leaves behind.

use super::support::Database;
use super::support::greeted;
use super::support::user_of;
use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::Request;
use axum::routing::get;
use request_context::testing::LeakTest;
use request_context::testing::Moment;
use request_context::testing::RequestBody;
use request_context::testing::Sink;
use request_context::testing::StoryStep;
use request_context::testing::Visitor;
use request_context::testing::point;
use std::convert::Infallible;
use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;
use tokio::time::sleep;
use tower::service_fn;
use tower_http::catch_panic::CatchPanicLayer;

type Queue = Arc<Mutex<Vec<String>>>;

/// One connection's replies are read in order, so a cancelled reader leaves its own to the next.
fn off_by_one_after_a_cancel() -> Router {
    let (database, line) = (Database::default(), Arc::new(tokio::sync::Mutex::new(Vec::new())));
    let handler = move |headers: HeaderMap| {
        let (database, line) = (database.clone(), Arc::clone(&line));
        async move {
            let mut line = line.lock().await;
            line.push(user_of(&headers));
            database.look_up().await;
            line.remove(0)
        }
    };
    Router::new().route("/", get(handler))
}

#[tokio::test]
async fn a_cancelled_reader_leaves_its_reply_to_the_next() {
    let report = greeted(off_by_one_after_a_cancel).run().await;
    assert!(report.is_isolated(), "without a fault there is no leak: {report}");
    let report = greeted(off_by_one_after_a_cancel).cancel(0.2).run().await;
    let story = report.story.expect("a leak");
    assert_eq!((story.sessions.len(), story.requests), (2, 2));
    let is_fault = |moment: &_| matches!(moment, StoryStep::Fault(_));
    assert!(story.timeline.iter().map(|moment| &moment.what).any(is_fault));
}

#[tokio::test]
async fn a_timeout_does_the_same_on_the_clock_of_the_runtime() {
    let app = || {
        let line = Arc::new(tokio::sync::Mutex::new(Vec::new()));
        let handler = move |headers: HeaderMap| {
            let line = Arc::clone(&line);
            async move {
                let mut line = line.lock().await;
                line.push(user_of(&headers));
                sleep(Duration::from_millis(100)).await;
                line.remove(0)
            }
        };
        Router::new().route("/", get(handler))
    };
    let report = greeted(app).seeds(0..20).run().await;
    assert!(report.is_isolated(), "{report}");
    let report = greeted(app).seeds(0..20).timeout_jitter(0.3).run().await;
    assert!(!report.leaks.is_empty(), "{report}");
}

#[tokio::test]
async fn a_panic_drops_the_request_while_its_thread_unwinds() {
    /// Gives back what it holds, unless the thread is unwinding, as a guard of a lock does.
    struct Unwinding(Arc<Mutex<u32>>);
    impl Drop for Unwinding {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += u32::from(thread::panicking());
        }
    }
    let unwound = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&unwound);
    let app = move || {
        let (database, counted) = (Database::default(), Arc::clone(&counted));
        let handler = move |headers: HeaderMap| {
            let (database, guard) = (database.clone(), Unwinding(Arc::clone(&counted)));
            async move {
                let _guard = guard;
                for _ in 0..4 {
                    database.look_up().await;
                }
                user_of(&headers)
            }
        };
        Router::new().route("/", get(handler))
    };
    let test = LeakTest::new(app).seeds(0..20);
    let test = test.request(|visitor, _, _| super::support::by_name(visitor));
    let report = test.panic_at(0.3).run().await;
    assert!(report.is_isolated(), "{report}");
    assert!(*unwound.lock().unwrap() > 20, "{unwound:?}");
}

/// A service that keeps who asked first on a connection.
#[derive(Clone, Default)]
struct Connection {
    user: Option<String>,
}

impl tower::Service<Request<RequestBody>> for Connection {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let user = self.user.get_or_insert_with(|| user_of(request.headers())).clone();
        std::future::ready(Ok(http::Response::new(Body::from(user))))
    }
}

#[tokio::test]
async fn who_shares_a_connection_is_taken_for_who_came_first() {
    let test = || {
        let test = LeakTest::new(Connection::default).seeds(0..10);
        test.request(|visitor, _, _| super::support::by_name(visitor))
    };
    assert!(test().run().await.is_isolated());
    let report = test().share_connections().run().await;
    let sighting = &report.leaks[0].first;
    assert_eq!(sighting.owner / 2, sighting.seer.unwrap() / 2, "{sighting}");
}

#[tokio::test]
async fn a_shared_connection_is_a_real_one_which_a_server_can_close() {
    let closing = || {
        tower::ServiceBuilder::new()
            .map_response(|mut response: http::Response<Body>| {
                response.headers_mut().insert("connection", "close".parse().unwrap());
                response
            })
            .service(Connection::default())
    };
    let test = LeakTest::new(closing).seeds(0..10).share_connections();
    let report = test.request(|visitor, _, _| super::support::by_name(visitor)).run().await;
    assert!(report.is_isolated(), "{report}");
}

#[tokio::test]
async fn what_is_left_in_a_store_is_told() {
    let (kept, cleared) = (Queue::default(), Queue::default());
    let (kept_dump, cleared_dump) = (Arc::clone(&kept), Arc::clone(&cleared));
    let app = move || {
        let (kept, cleared) = (Arc::clone(&kept), Arc::clone(&cleared));
        kept.lock().unwrap().clear();
        service_fn(move |request: Request<RequestBody>| {
            let user = user_of(request.headers());
            kept.lock().unwrap().push(user.clone());
            drop(mem::take(&mut *cleared.lock().unwrap()));
            async move { Ok::<_, Infallible>(http::Response::new(Body::from(user))) }
        })
    };
    let dump = |queue: Queue| move || std::future::ready(queue.lock().unwrap().join(","));
    let report = LeakTest::new(app)
        .seeds(0..1)
        .request(|visitor, _, _| super::support::by_name(visitor))
        .residue("kept", dump(kept_dump))
        .residue("cleared", dump(cleared_dump))
        .run()
        .await;
    let places: Vec<_> = report.leaks.iter().map(|leak| leak.first.place.as_str()).collect();
    assert_eq!(places, ["kept"], "{report}");
}

/// What a program leaves of a request that panics between two writes, or while it waits.
fn half_done(catches: bool) -> Router {
    let note = Arc::new(Mutex::new((String::new(), String::new())));
    let handler = move |headers: HeaderMap| {
        let note = Arc::clone(&note);
        async move {
            let user = user_of(&headers);
            let mut note = note.lock().unwrap_or_else(PoisonError::into_inner);
            let before = if note.0 == user { note.1.clone() } else { String::new() };
            note.0.clone_from(&user);
            point("between two writes");
            note.1.clone_from(&user);
            format!("{user} after {before}")
        }
    };
    let router = Router::new().route("/", get(handler));
    if catches { router.layer(CatchPanicLayer::new()) } else { router }
}

#[tokio::test]
async fn a_panic_at_a_point_unwinds_the_code_of_the_program() {
    for catches in [false, true] {
        let test = move || {
            let test = LeakTest::new(move || half_done(catches));
            test.request(|visitor, _, _| super::support::by_name(visitor))
        };
        let report = test().seeds(0..50).run().await;
        assert!(report.is_isolated(), "without a panic there is no leak: {report}");
        let report = test().panic_at(0.2).run().await;
        assert_eq!(report.leaks[0].first.sink, Sink::Body, "{report}");
        let story = report.story.as_ref().expect("a leak");
        assert_eq!(story.sessions.len(), 2, "{report}");
        let panics = "it panics at the point between two writes";
        let is_panic = |moment: &Moment| moment.what == StoryStep::Fault(panics.to_owned());
        assert!(story.timeline.iter().any(is_panic), "{report}");
        let again = test().panic_at(0.2).replay(report.decisions.as_ref().unwrap()).run().await;
        assert_eq!(again.leaks[0].first, story.sighting, "{again}");
        assert!(!report.notes.iter().any(|note| note.contains("panicked")), "{report}");
    }
}

#[tokio::test]
async fn a_point_that_is_passed_while_unwinding_does_not_panic_again() {
    struct Passing;
    impl Drop for Passing {
        fn drop(&mut self) {
            point("in a destructor");
            point("and again");
        }
    }
    let report = LeakTest::new(|me: Visitor| async move {
        let _passing = Passing;
        assert_ne!(me.request(), 1, "it panics by itself, too");
        for _ in 0..4 {
            point("in the function");
        }
        me.canary("user")
    });
    let report = report.seeds(0..20).panic_at(0.5).run().await;
    assert!(report.is_isolated(), "{report}");
}
