//! Where leaks are seen.

use super::support::Database;
use super::support::by_name;
use super::support::greeted;
use super::support::user_of;
use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use hyper::ext::ReasonPhrase;
use request_context::testing::LeakTest;
use request_context::testing::Report;
use request_context::testing::Sink;
use request_context::testing::observe;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use tracing::Event;
use tracing::Level;
use tracing::Subscriber;
use tracing::event;
use tracing::info;
use tracing::info_span;
use tracing_subscriber::layer::Context;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

/// What the request before this one left, for each sink that a response has.
static BEFORE: Mutex<String> = Mutex::new(String::new());

fn swap(text: String) -> String {
    std::mem::replace(&mut *BEFORE.lock().unwrap(), text)
}

fn sinks_of(report: &Report) -> BTreeSet<Sink> {
    report.leaks.iter().map(|leak| leak.first.sink).collect()
}

async fn found_in(answer: fn(String, String) -> Response) -> BTreeSet<Sink> {
    let app = move || {
        let handler = move |headers: HeaderMap| async move {
            let user = user_of(&headers);
            answer(swap(user.clone()), user)
        };
        Router::new().route("/", get(handler))
    };
    let test = LeakTest::new(app).seeds(0..1).requests(2);
    let test = test.request(|visitor, _, _| by_name(visitor));
    sinks_of(&test.run().await)
}

#[tokio::test]
async fn in_each_part_of_a_response() {
    let found = found_in(|before, user| {
        let cookie = format!("last={before}; Path=/");
        ([("x-before", before), ("set-cookie", cookie)], user).into_response()
    });
    assert_eq!(found.await, BTreeSet::from([Sink::Header, Sink::Cookie]));

    let found = found_in(|before, user| {
        let chunks = [user, before].map(|text| Ok::<_, Infallible>(Bytes::from(text)));
        Body::from_stream(stream::iter(chunks)).into_response()
    });
    assert_eq!(found.await, BTreeSet::from([Sink::Chunk, Sink::Body]));

    let found = found_in(|before, user| {
        let events = format!("data: {user}\n\ndata: {before}\n\n");
        ([("content-type", "text/event-stream")], events).into_response()
    });
    assert_eq!(found.await, BTreeSet::from([Sink::ServerSentEvent, Sink::Body]));

    let found = found_in(|before, user| {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-before", before.parse().unwrap());
        let frames = [Frame::data(Bytes::from(user)), Frame::trailers(trailers)];
        let body = StreamBody::new(stream::iter(frames).map(Ok::<_, Infallible>));
        Body::new(body).into_response()
    });
    assert_eq!(found.await, BTreeSet::from([Sink::Trailer]));

    let found = found_in(|before, user| {
        let parts = [Ok(Bytes::from(user)), Err(format!("lost after {before}"))];
        Body::from_stream(stream::iter(parts)).into_response()
    });
    assert_eq!(found.await, BTreeSet::from([Sink::Error]));

    let found = found_in(|before, _| panic!("the last one was {before}"));
    assert_eq!(found.await, BTreeSet::from([Sink::Panic]));
}

#[tokio::test]
#[expect(clippy::await_holding_invalid_type, reason = "the mistake that is to be found")]
async fn in_events_and_in_spans_that_others_have_left_open() {
    let app = || {
        let database = Database::default();
        let handler = move |headers: HeaderMap| {
            let database = database.clone();
            async move {
                let user = user_of(&headers);
                let span = info_span!("request", user);
                let _guard = span.enter();
                database.look_up().await;
                user
            }
        };
        Router::new().route("/", get(handler))
    };
    let report = greeted(app).run().await;
    assert_eq!(sinks_of(&report), BTreeSet::from([Sink::Span]));
    assert_eq!(report.leaks[0].first.place, "request");

    let app = || {
        let handler = |headers: HeaderMap| async move {
            let user = user_of(&headers);
            info!(before = swap(user.clone()), "greeting {user}");
            user
        };
        Router::new().route("/", get(handler))
    };
    let report = LeakTest::new(app).request(|visitor, _, _| by_name(visitor));
    let report = report.expect_own(Sink::Event).run().await;
    assert_eq!(sinks_of(&report), BTreeSet::from([Sink::Event]));
}

#[tokio::test]
async fn in_what_the_program_gives_away_itself() {
    let app = || {
        let handler = |headers: HeaderMap| async move {
            let user = user_of(&headers);
            observe(Sink::Outgoing, "mail", swap(user.clone()));
            user
        };
        Router::new().route("/", get(handler))
    };
    let report = LeakTest::new(app).seeds(0..1).request(|visitor, _, _| by_name(visitor));
    let report = report.run().await;
    assert_eq!(sinks_of(&report), BTreeSet::from([Sink::Outgoing]));
    assert_eq!(report.leaks[0].first.place, "mail");
    observe(Sink::Outgoing, "mail", "outside a run");
}

#[tokio::test]
async fn in_records_of_log() {
    // What a bridge from `log` makes of a record: an event of this target, with these fields.
    let app = || {
        let handler = |headers: HeaderMap| async move {
            let user = user_of(&headers);
            let before = swap(user.clone());
            event!(target: "log", Level::INFO, log.target = "legacy", "after {before}");
            user
        };
        Router::new().route("/", get(handler))
    };
    let report = LeakTest::new(app).seeds(0..1).request(|visitor, _, _| by_name(visitor));
    let report = report.run().await;
    assert_eq!(sinks_of(&report), BTreeSet::from([Sink::Log]));
    assert_eq!(report.leaks[0].first.place, "legacy");
}

/// Counts the events that come to it.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn the_subscriber_of_the_program_is_as_it_was() {
    let counter = Counter::default();
    let subscriber = registry().with(counter.clone());
    tracing::subscriber::with_default(subscriber, || {
        info!("before");
        let app = || {
            let handler = |headers: HeaderMap| async move {
                info!("within");
                user_of(&headers)
            };
            Router::new().route("/", get(handler))
        };
        let test = LeakTest::new(app).seeds(0..1).request(|visitor, _, _| by_name(visitor));
        test.assert_isolated();
        info!("after");
    });
    assert_eq!(counter.0.load(Relaxed), 2);
}

#[tokio::test]
async fn in_the_reason_of_a_status_line() {
    let found = found_in(|before, user| {
        let mut response = user.into_response();
        let reason = ReasonPhrase::try_from(before.into_bytes()).unwrap();
        response.extensions_mut().insert(reason);
        response
    });
    assert_eq!(found.await, BTreeSet::from([Sink::Status]));
}
