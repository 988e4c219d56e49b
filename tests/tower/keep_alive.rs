//! Users who share a connection, and with it a task, share nothing else.

use crate::support::Client;
use crate::support::Http;
use crate::support::Raw;
use crate::support::Server;
use crate::support::by_token;
use crate::support::ends;
use crate::support::get;
use crate::support::here;
use crate::support::soon;
use crate::support::text_of;
use crate::support::trusting;
use crate::support::whose;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use futures::stream;
use futures::stream::StreamExt;
use http::Request;
use http_body_util::Full;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::Barrier;
use tower::Layer;

fn request(path: &str, user: &str, id: &str) -> Request<Full<Bytes>> {
    let mut request = get(path, id);
    request.headers_mut().insert("authorization", format!("Bearer {user}").parse().unwrap());
    request
}

fn seen() -> String {
    format!("{} {} {}\n", whose(), here(), tokio::task::id())
}

/// What the handler and the frames of its body see.
fn seen_in(handler: String) -> Body {
    let frames = stream::iter([(); 2]).map(|()| seen());
    Body::from_stream(stream::iter([handler]).chain(frames).map(Ok::<_, Infallible>))
}

#[tokio::test]
async fn two_users_who_alternate_on_one_connection_of_one_task_see_only_themselves() {
    let app = Router::new().route(
        "/",
        axum::routing::get(|| async {
            let before = seen();
            tokio::task::yield_now().await;
            assert_eq!(before, seen());
            seen_in(before)
        }),
    );
    let (hook, mut ends) = ends();
    let layer = trusting().authenticate(by_token).on_end(hook);
    let server = Server::start(Http::One, layer.layer(app)).await;
    let mut client = Client::connect(Http::One, server.address).await;
    let mut tasks = Vec::new();
    for round in 0..10 {
        for user in ["ada", "bob"] {
            let id = format!("{user}-{round}");
            let response = client.send(request("/", user, &id)).await;
            assert_eq!(response.headers()["x-request-id"], id);
            for line in text_of(response.into_body()).await.lines() {
                let (who, task) = line.rsplit_once(' ').unwrap();
                assert_eq!(who, format!("{user} {id}"));
                tasks.push(task.to_owned());
            }
            let end = ends.next().await;
            assert_eq!((end.user.as_str(), end.id), (user, id));
        }
    }
    assert_eq!(server.connections(), 1);
    assert_eq!(tasks.len(), 60);
    tasks.dedup();
    assert_eq!(tasks.len(), 1, "one task serves both, so nothing may be keyed by it: {tasks:?}");
}

#[tokio::test]
async fn after_an_authenticated_user_an_anonymous_one_on_the_connection_is_nobody() {
    let app = Router::new().route("/", axum::routing::get(|| async { seen_in(seen()) }));
    let server = Server::start(Http::One, trusting().authenticate(by_token).layer(app)).await;
    let mut client = Client::connect(Http::One, server.address).await;
    for _ in 0..3 {
        let response = client.send(request("/", "ada", "r-1")).await;
        assert!(
            text_of(response.into_body()).await.lines().all(|line| line.starts_with("ada r-1 "))
        );
        let response = client.send(get("/", "r-2")).await;
        let text = text_of(response.into_body()).await;
        assert!(text.lines().all(|line| line.starts_with("nobody r-2 ")), "{text}");
        let response = client.send(request("/", "wrong", "r-3")).await;
        assert_eq!(
            (response.status().as_u16(), text_of(response.into_body()).await),
            (401, String::new())
        );
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn two_requests_sent_at_once_are_answered_in_order_each_for_its_user() {
    let app = Router::new().route("/", axum::routing::get(|| async { seen_in(seen()) }));
    let server = Server::start(Http::One, trusting().authenticate(by_token).layer(app)).await;
    let mut raw = Raw::connect(server.address).await;
    let request = |user: &str, connection: &str| {
        format!(
            "GET / HTTP/1.1\r\nhost: a\r\nconnection: {connection}\r\n\
             authorization: Bearer {user}\r\nx-request-id: r-of-{user}\r\n\r\n"
        )
    };
    raw.write(request("ada", "keep-alive") + &request("bob", "close")).await;
    let answers = raw.read_to_end().await;
    let of_bob = answers.rfind("HTTP/1.1 200 OK").unwrap();
    let (of_ada, of_bob) = answers.split_at(of_bob);
    for (answer, user) in [(of_ada, "ada"), (of_bob, "bob")] {
        assert!(answer.contains(&format!("x-request-id: r-of-{user}\r\n")), "{answer}");
        assert_eq!(answer.matches(&format!("{user} r-of-{user} ")).count(), 3, "{answer}");
    }
}

#[tokio::test]
async fn the_streams_of_one_http_2_connection_are_each_of_its_own_user() {
    const USERS: usize = 20;
    /// All are in the handler, and all in the body, before any goes on.
    async fn handler(State(barrier): State<Arc<Barrier>>) -> Body {
        barrier.wait().await;
        let before = seen();
        let frames = stream::unfold(0, move |frame| {
            let barrier = Arc::clone(&barrier);
            async move {
                barrier.wait().await;
                (frame < 3).then(|| (Ok::<_, Infallible>(seen()), frame + 1))
            }
        });
        Body::from_stream(stream::iter([Ok(before)]).chain(frames))
    }
    let app = Router::new()
        .route("/", axum::routing::get(handler))
        .with_state(Arc::new(Barrier::new(USERS)));
    let server = Server::start(Http::Two, trusting().authenticate(by_token).layer(app)).await;
    let client = Client::connect(Http::Two, server.address).await;
    let requests = (0..USERS).map(|user| {
        let (user, id) = (format!("user-{user}"), format!("r-{user}"));
        let mut client = client.again();
        async move {
            let response = client.send(request("/", &user, &id)).await;
            let text = text_of(response.into_body()).await;
            assert_eq!(text.lines().count(), 4);
            for line in text.lines() {
                assert!(line.starts_with(&format!("{user} {id} ")), "{line}");
            }
        }
    });
    soon(futures::future::join_all(requests)).await;
    assert_eq!(server.connections(), 1);
}
