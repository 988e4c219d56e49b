//! Server-sent events to readers who are slow, or who leave.

use crate::support::Client;
use crate::support::Http;
use crate::support::Server;
use crate::support::by_token;
use crate::support::ends;
use crate::support::get;
use crate::support::here;
use crate::support::soon;
use crate::support::trusting;
use crate::support::whose;
use axum::Router;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::Event;
use bytes::Bytes;
use futures::Stream;
use futures::stream;
use futures::stream::StreamExt;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use request_context::tower::EndReason::Complete;
use request_context::tower::EndReason::Dropped;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use tower::Layer;

/// More in all than any socket buffers.
const EVENTS: u64 = 200;
const PADDING: usize = 64 * 1024;

/// How many events were made, of all streams.
type Made = Arc<AtomicU64>;

/// Each event says for whom it was made.
async fn events(State(made): State<Made>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let padding = "x".repeat(PADDING);
    Sse::new(stream::iter(0..EVENTS).map(move |number| {
        made.fetch_add(1, SeqCst);
        let (user, id) = (whose(), here());
        Ok(Event::default().data(format!("{number} {user} {id} {padding}")))
    }))
}

async fn open(client: &mut Client, user: &str, id: &str) -> Incoming {
    let mut request = get("/", id);
    request.headers_mut().insert("authorization", format!("Bearer {user}").parse().unwrap());
    let response = client.send(request).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body()
}

/// A reader who takes one event at a time.
struct Reader {
    body: Incoming,
    read: Vec<u8>,
    bytes: u64,
}

impl Reader {
    fn new(body: Incoming) -> Self {
        Self { body, read: Vec::new(), bytes: 0 }
    }

    /// The next event, as far as it says something.
    async fn next(&mut self) -> Option<String> {
        let mut searched = 0;
        // Each is one line, and an empty one.
        let end = loop {
            let new = &self.read[searched..];
            if let Some(end) = new.iter().position(|byte| *byte == b'\n')
                && self.read.len() > searched + end + 1
            {
                break searched + end + 2;
            }
            searched = self.read.len().saturating_sub(1);
            let data: Bytes = soon(self.body.frame()).await?.unwrap().into_data().unwrap();
            self.bytes += data.len() as u64;
            self.read.extend_from_slice(&data);
        };
        let rest = self.read.split_off(end);
        let event = String::from_utf8(std::mem::replace(&mut self.read, rest)).unwrap();
        Some(event.trim_end().trim_end_matches('x').trim_end().to_owned())
    }
}

#[tokio::test]
async fn two_slow_readers_each_get_their_own_events_as_they_read() {
    for http in Http::BOTH {
        let made = Made::default();
        let app =
            Router::new().route("/", axum::routing::get(events)).with_state(Arc::clone(&made));
        let (hook, mut ends) = ends();
        let layer = trusting().authenticate(by_token).on_end(hook);
        let server = Server::start(http, layer.layer(app)).await;
        let mut clients = [
            Client::connect(http, server.address).await,
            Client::connect(http, server.address).await,
        ];
        let mut readers = [
            Reader::new(open(&mut clients[0], "ada", "r-1").await),
            Reader::new(open(&mut clients[1], "bob", "r-2").await),
        ];
        for number in 0..EVENTS {
            let expected = [format!("data: {number} ada r-1"), format!("data: {number} bob r-2")];
            for (reader, expected) in readers.iter_mut().zip(expected) {
                assert_eq!(reader.next().await.unwrap(), expected);
            }
            if number == 0 {
                assert!(made.load(SeqCst) < EVENTS, "the server is held back by its readers");
                assert!(ends.told().is_empty());
            }
        }
        for reader in &mut readers {
            assert_eq!(reader.next().await, None);
        }
        let mut told = [ends.next().await, ends.next().await];
        told.sort_by(|one, other| one.id.cmp(&other.id));
        for (end, (reader, user)) in told.iter().zip(readers.iter().zip(["ada", "bob"])) {
            assert_eq!(end.what(), (Complete, Some(200), reader.bytes));
            assert_eq!(end.user, user);
        }
    }
}

#[tokio::test]
async fn a_reader_who_leaves_has_dropped_the_request_and_the_other_goes_on() {
    for http in Http::BOTH {
        let app = Router::new().route("/", axum::routing::get(events)).with_state(Made::default());
        let (hook, mut ends) = ends();
        let layer = trusting().authenticate(by_token).on_end(hook);
        let server = Server::start(http, layer.layer(app)).await;
        let mut stays = Client::connect(http, server.address).await;
        let mut leaves = Client::connect(http, server.address).await;
        let mut reader = Reader::new(open(&mut stays, "ada", "r-1").await);
        let mut leaver = Reader::new(open(&mut leaves, "bob", "r-2").await);
        assert_eq!(leaver.next().await.unwrap(), "data: 0 bob r-2");
        drop((leaver, leaves));
        let end = ends.next().await;
        assert_eq!((end.reason, end.status), (Dropped, Some(200)), "{http:?}");
        assert_eq!((end.user.as_str(), end.id.as_str()), ("bob", "r-2"));
        for number in 0..EVENTS {
            assert_eq!(reader.next().await.unwrap(), format!("data: {number} ada r-1"));
        }
        assert_eq!(reader.next().await, None);
        assert_eq!(ends.next().await.reason, Complete);
    }
}
