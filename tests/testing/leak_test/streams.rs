//! Responses that do not end.

use super::support::user_of;
use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt;
use futures::stream;
use request_context::testing::LeakTest;
use request_context::testing::TestRequest;
use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::interval;
use tokio::time::sleep;

fn frames(first: String) -> impl stream::Stream<Item = Result<Bytes, Infallible>> {
    stream::once(async move { Ok(Bytes::from(first)) })
}

/// Says one thing, and then nothing any more, as a subscription without events.
fn quiet(answer: String) -> Response {
    Body::from_stream(frames(answer).chain(stream::pending())).into_response()
}

/// Says who is there each second, as a stream of events.
fn ticking(answer: String) -> Response {
    let ticks =
        stream::unfold((interval(Duration::from_secs(1)), answer), |(mut ticks, answer)| {
            Box::pin(async move {
                ticks.tick().await;
                Some((Ok::<_, Infallible>(Bytes::from(answer.clone())), (ticks, answer)))
            })
        });
    Body::from_stream(ticks).into_response()
}

/// Always has more.
fn flooding(answer: String) -> Response {
    Body::from_stream(frames(answer).chain(stream::repeat(Ok(Bytes::from("more"))))).into_response()
}

/// Says the same each second, compressed, and flushes.
fn compressed(answer: String) -> Response {
    let encoder = GzEncoder::new(Vec::new(), Compression::default());
    let events = stream::unfold((encoder, answer), |(mut encoder, answer)| {
        Box::pin(async move {
            sleep(Duration::from_secs(1)).await;
            encoder.write_all(answer.as_bytes()).unwrap();
            encoder.flush().unwrap();
            let piece = Bytes::from(std::mem::take(encoder.get_mut()));
            Some((Ok::<_, Infallible>(piece), (encoder, answer)))
        })
    });
    ([("content-encoding", "gzip")], Body::from_stream(events)).into_response()
}

/// How many wide frames there were.
static GIVEN: AtomicUsize = AtomicUsize::new(0);

/// Has more than anybody would keep, in few frames.
fn wide(answer: String) -> Response {
    let wide = Bytes::from(vec![b' '; 1 << 20]);
    let given = stream::repeat(Ok(wide)).inspect(|_| {
        GIVEN.fetch_add(1, Relaxed);
    });
    Body::from_stream(frames(answer).chain(given)).into_response()
}

fn leaky(answer: fn(String) -> Response) -> Router {
    let last = Arc::new(Mutex::new(String::new()));
    let events = move |headers: HeaderMap| async move {
        let user = user_of(&headers);
        let before = std::mem::replace(&mut *last.lock().unwrap(), user.clone());
        answer(format!("{user} after {before}"))
    };
    Router::new().route("/", get(events))
}

fn correct(answer: fn(String) -> Response) -> Router {
    let events = move |headers: HeaderMap| async move { answer(user_of(&headers)) };
    Router::new().route("/", get(events))
}

fn visited(app: impl Fn() -> Router + Send + 'static) -> LeakTest {
    LeakTest::new(app)
        .requests(2)
        .seeds(0..2)
        .request(|visitor, _, _| TestRequest::get("/").header("x-user", &visitor.canary("user")))
}

#[tokio::test]
async fn a_stream_that_does_not_end_is_left_and_all_that_came_of_it_is_searched() {
    for answer in [quiet, ticking, flooding, compressed] {
        let report = visited(move || leaky(answer)).run().await;
        assert!(!report.leaks.is_empty(), "{report}");
        let report = visited(move || correct(answer)).run().await;
        assert!(report.is_isolated(), "{report}");
        assert_eq!(report.answered, 2 * 8 * 2);
        let said = |note: &String| note.contains("did not end");
        assert!(report.notes.iter().any(said), "{report}");
    }
}

#[tokio::test]
async fn of_a_wide_stream_no_more_than_16_mib_are_kept() {
    // Not paused, so that what is found is not shrunk: each run takes its time.
    let test = visited(|| leaky(wide)).sessions(2).requests(1).seeds(0..1).real_time();
    let report = test.run().await;
    assert!(!report.leaks.is_empty(), "{report}");
    assert!(report.notes.iter().any(|note| note.contains("16 MiB")), "{report}");
    assert_eq!(GIVEN.load(Relaxed), 2 * 16);
}
