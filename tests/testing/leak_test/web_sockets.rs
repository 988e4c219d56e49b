//! WebSockets, server-sent events, and connections that are kept alive.

use super::support::user_of;
use axum::Router;
use axum::extract::ws::Message;
use axum::extract::ws::WebSocket;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::get;
use futures::stream;
use request_context::testing::LeakTest;
use request_context::testing::Report;
use request_context::testing::Sink;
use request_context::testing::TestRequest;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::sync::broadcast;

fn sinks_of(report: &Report) -> BTreeSet<Sink> {
    report.leaks.iter().map(|leak| leak.first.sink).collect()
}

/// Each visitor says two messages, one of them long.
fn chat(app: impl Fn() -> Router + Send + 'static) -> LeakTest {
    let test = LeakTest::new(app).sessions(3).requests(2).seeds(0..5);
    let test = test.request(|me, _, _| {
        let text = me.canary("text");
        let long = format!("{}{text}", " ".repeat(70_000));
        TestRequest::web_socket("/chat").message(text).message(long)
    });
    test.expect_own(Sink::WebSocket)
}

fn on_socket<F>(said: impl Fn(WebSocket) -> F + Clone + Send + Sync + 'static) -> Router
where
    F: Future<Output = ()> + Send + 'static,
{
    let handler = move |upgrade: WebSocketUpgrade| {
        let said = said.clone();
        async move { upgrade.on_upgrade(said) }
    };
    Router::new().route("/chat", get(handler))
}

#[tokio::test]
async fn a_web_socket_shows_its_own_user_what_it_said() {
    let app = || {
        on_socket(|mut socket| async move {
            while let Some(Ok(message)) = socket.recv().await {
                let (Message::Text(_), Ok(())) = (&message, socket.send(message.clone()).await)
                else {
                    break;
                };
            }
        })
    };
    let report = chat(app).run().await;
    assert!(report.is_isolated(), "{report}");
    assert_eq!(report.answered, 5 * 3 * 2);
}

#[tokio::test]
async fn a_web_socket_that_says_what_another_one_said_is_found() {
    let app = || {
        let (sender, _) = broadcast::channel::<Message>(64);
        on_socket(move |mut socket| {
            let (sender, mut receiver) = (sender.clone(), sender.subscribe());
            async move {
                loop {
                    tokio::select! {
                        heard = receiver.recv() => {
                            if socket.send(heard.unwrap()).await.is_err() {
                                break;
                            }
                        }
                        said = socket.recv() => match said {
                            Some(Ok(message @ Message::Text(_))) => drop(sender.send(message)),
                            _ => break,
                        },
                    }
                }
            }
        })
    };
    let report = chat(app).run().await;
    let sinks = [Sink::Body, Sink::WebSocket];
    assert_eq!(sinks_of(&report), BTreeSet::from(sinks), "{report}");
}

#[tokio::test]
async fn an_event_of_another_user_in_a_real_stream_of_events_is_found() {
    let app = || {
        let last = Arc::new(Mutex::new(String::new()));
        let handler = move |headers: HeaderMap| {
            let user = user_of(&headers);
            let before = std::mem::replace(&mut *last.lock().unwrap(), user.clone());
            let events =
                [user, before].map(|text| Ok::<_, Infallible>(Event::default().data(text)));
            async move { Sse::new(stream::iter(events)) }
        };
        Router::new().route("/", get(handler))
    };
    let test = LeakTest::new(app)
        .seeds(0..1)
        .request(|visitor, _, _| TestRequest::get("/").header("x-user", &visitor.canary("user")));
    let report = test.expect_own(Sink::ServerSentEvent).run().await;
    let sinks = [Sink::Body, Sink::Chunk, Sink::ServerSentEvent];
    assert_eq!(sinks_of(&report), BTreeSet::from(sinks), "{report}");
}
