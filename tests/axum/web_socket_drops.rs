//! What the callbacks of a WebSocket own is dropped in the context, whether they run or not.

use crate::support::here;
use crate::support::in_layer;
use crate::support::soon;
use crate::web_socket_peer::Peer;
use crate::web_socket_peer::fail_to_shake;
use crate::web_socket_peer::handshake;
use crate::web_socket_peer::serve;
use axum::Router;
use axum::extract::Request;
use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;
use request_context::axum::ContextWebSocketUpgrade;
use std::future::pending;
use std::future::ready;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::UnboundedSender;

/// Tells where it was dropped.
struct Tells(&'static str, UnboundedSender<String>);

impl Drop for Tells {
    fn drop(&mut self) {
        let _ = self.1.send(format!("{} {}", self.0, here()));
    }
}

async fn upgrade(
    State(told): State<UnboundedSender<String>>,
    upgrade: ContextWebSocketUpgrade,
) -> Response {
    let captured = Tells("callback", told.clone());
    let for_failure = Tells("failure callback", told.clone());
    upgrade
        .on_failed_upgrade(move |_| drop(for_failure))
        .on_upgrade(move |socket| wait_for_the_end(socket, captured))
}

async fn wait_for_the_end(mut socket: WebSocket, captured: Tells) {
    let local = Tells("local", captured.1.clone());
    while let Some(Ok(message)) = socket.recv().await {
        let _ = socket.send(message).await;
    }
    drop((local, captured));
}

fn app() -> (Router, UnboundedReceiver<String>) {
    let (sender, told) = mpsc::unbounded_channel();
    let router = Router::new().route("/socket", any(upgrade)).with_state(sender);
    (router, told)
}

async fn next(told: &mut UnboundedReceiver<String>, count: usize) -> Vec<String> {
    let mut all = Vec::new();
    while all.len() < count {
        all.push(soon(told.recv()).await.unwrap());
    }
    all.sort();
    all
}

#[tokio::test]
async fn when_the_socket_is_closed() {
    let (app, mut told) = app();
    let address = serve(in_layer(app)).await;
    let mut ada = Peer::connect(address, "ada").await;
    assert_eq!(ada.ask("echo").await, "echo");
    ada.close().await;
    let all = ["callback ada", "failure callback ada", "local ada"];
    assert_eq!(next(&mut told, 3).await, all);
}

#[tokio::test]
async fn when_the_client_goes_away() {
    let (app, mut told) = app();
    let address = serve(in_layer(app)).await;
    let mut ada = Peer::connect(address, "ada").await;
    assert_eq!(ada.ask("echo").await, "echo");
    drop(ada);
    let all = ["callback ada", "failure callback ada", "local ada"];
    assert_eq!(next(&mut told, 3).await, all);
}

#[tokio::test]
async fn when_the_upgrade_fails() {
    let (app, mut told) = app();
    let app = app.layer(map_response(|_: Response| ready(StatusCode::IM_A_TEAPOT)));
    let address = serve(in_layer(app)).await;
    assert_eq!(fail_to_shake(address, "ada").await, StatusCode::IM_A_TEAPOT);
    assert_eq!(next(&mut told, 2).await, ["callback ada", "failure callback ada"]);
}

#[test]
fn when_the_runtime_shuts_down_with_the_socket_open() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (app, mut told) = app();
    let ada = runtime.block_on(async {
        let address = serve(in_layer(app)).await;
        let mut ada = Peer::connect(address, "ada").await;
        assert_eq!(ada.ask("echo").await, "echo");
        ada
    });
    drop(runtime);
    let mut all: Vec<_> = std::iter::from_fn(|| told.try_recv().ok()).collect();
    all.sort();
    assert_eq!(all, ["callback ada", "failure callback ada", "local ada"]);
    drop(ada);
}

#[test]
fn when_the_runtime_shuts_down_before_the_upgrade() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (app, mut told) = app();
    let (held_back, mut is_held_back) = mpsc::unbounded_channel();
    // The response never gets to the client, so axum's task waits for the upgrade.
    let hold_back = move |request: Request, next: Next| {
        let held_back = held_back.clone();
        async move {
            let _response = next.run(request).await;
            held_back.send(()).unwrap();
            pending::<Response>().await
        }
    };
    let app = app.layer(from_fn(hold_back));
    runtime.block_on(async {
        let address = serve(in_layer(app)).await;
        tokio::select! {
            _ = Peer::shake(handshake(address, "ada")) => panic!("a response was sent"),
            _ = soon(is_held_back.recv()) => {}
        }
    });
    drop(runtime);
    let mut all: Vec<_> = std::iter::from_fn(|| told.try_recv().ok()).collect();
    all.sort();
    assert_eq!(all, ["callback ada", "failure callback ada"]);
}
