//! A WebSocket through the layer: the handshake is a request as any other; what comes after it runs
//! in the context if it is carried along.

use crate::support::Ends;
use crate::support::Http;
use crate::support::Server;
use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::soon;
use crate::support::trusting;
use crate::support::whose;
use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws;
use axum::response::Response;
use axum::routing::any;
use futures::SinkExt;
use futures::StreamExt;
use request_context::ContextExt;
use request_context::RequestContext;
use request_context::tower::EndReason::Complete;
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response as Handshake;
use tower::Layer;

/// Answers each message with it, and for whom.
async fn talk(mut socket: ws::WebSocket) {
    while let Some(Ok(ws::Message::Text(text))) = socket.recv().await {
        let answer = format!("{text} {} {}", whose(), here());
        tokio::task::yield_now().await;
        socket.send(answer.into()).await.unwrap();
    }
}

async fn carried(upgrade: WebSocketUpgrade) -> Response {
    let context = RequestContext::current();
    upgrade.on_upgrade(|socket| talk(socket).in_context(context))
}

async fn not_carried(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(talk)
}

async fn serve() -> (Server, Ends) {
    let app = Router::new().route("/carried", any(carried)).route("/not-carried", any(not_carried));
    let (hook, ends) = ends();
    let layer = trusting().authenticate(by_token).on_end(hook);
    (Server::start(Http::One, layer.layer(app)).await, ends)
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(server: &Server, path: &str, token: &str) -> Result<(Socket, Handshake), Error> {
    let mut request = format!("ws://{}{path}", server.address).into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request.headers_mut().insert("x-request-id", format!("r-of-{token}").parse().unwrap());
    soon(connect_async(request)).await
}

async fn ask(socket: &mut Socket, text: &str) -> String {
    soon(socket.send(text.into())).await.unwrap();
    soon(socket.next()).await.unwrap().unwrap().into_text().unwrap().to_string()
}

#[tokio::test]
async fn the_handshake_carries_the_id_and_the_upgrade_works() {
    let (server, mut ends) = serve().await;
    let (mut socket, handshake) = connect(&server, "/carried", "ada").await.unwrap();
    assert_eq!(handshake.status(), 101);
    assert_eq!(handshake.headers()["x-request-id"], "r-of-ada");
    let end = ends.next().await;
    assert_eq!(end.what(), (Complete, Some(101), 0), "the request is over with the handshake");
    assert_eq!((end.user.as_str(), end.id.as_str()), ("ada", "r-of-ada"));
    for text in ["one", "two", "three"] {
        assert_eq!(ask(&mut socket, text).await, format!("{text} ada r-of-ada"));
    }
    soon(socket.close(None)).await.unwrap();
    while soon(socket.next()).await.is_some() {}
    assert!(ends.told().is_empty());
}

#[tokio::test]
async fn two_users_talk_by_turns_each_in_its_own_context() {
    let (server, _ends) = serve().await;
    let (mut ada, _) = connect(&server, "/carried", "ada").await.unwrap();
    let (mut bob, _) = connect(&server, "/carried", "bob").await.unwrap();
    for _ in 0..10 {
        assert_eq!(ask(&mut ada, "hi").await, "hi ada r-of-ada");
        assert_eq!(ask(&mut bob, "hi").await, "hi bob r-of-bob");
    }
}

/// Axum starts a task for it, inside the handler, which no layer can see.
#[tokio::test]
async fn what_is_not_carried_runs_in_no_context() {
    let (server, _ends) = serve().await;
    let (mut socket, _) = connect(&server, "/not-carried", "ada").await.unwrap();
    assert_eq!(ask(&mut socket, "hi").await, "hi nowhere nowhere");
}

#[tokio::test]
async fn who_is_rejected_gets_no_upgrade() {
    let (server, mut ends) = serve().await;
    match connect(&server, "/carried", "wrong").await {
        Err(Error::Http(response)) => {
            assert_eq!(response.status(), 401);
            assert_eq!(response.headers()["x-request-id"], "r-of-wrong");
        }
        other => panic!("{:?}", other.map(|(_, handshake)| handshake)),
    }
    assert_eq!(ends.next().await.what(), (Complete, Some(401), 0));
}

#[tokio::test]
async fn a_peer_that_vanishes_leaves_the_server_to_the_others() {
    let (server, _ends) = serve().await;
    for _ in 0..20 {
        let (mut socket, _) = connect(&server, "/carried", "ada").await.unwrap();
        assert_eq!(ask(&mut socket, "hi").await, "hi ada r-of-ada");
        drop(socket);
    }
    let (mut socket, _) = connect(&server, "/carried", "bob").await.unwrap();
    assert_eq!(ask(&mut socket, "hi").await, "hi bob r-of-bob");
}
