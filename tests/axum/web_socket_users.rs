//! Many users' sockets at once: none is ever in the context of another.

use crate::support::Log;
use crate::support::in_layer;
use crate::web_socket_peer::Peer;
use crate::web_socket_peer::say_whose;
use crate::web_socket_peer::serve;
use axum::Router;
use axum::routing::any;
use futures::future::join_all;
use request_context::axum::ContextWebSocketUpgrade;
use std::collections::BTreeMap;
use std::future::ready;
use std::net::SocketAddr;

async fn serve_sockets() -> SocketAddr {
    let upgrade = |upgrade: ContextWebSocketUpgrade| ready(upgrade.on_upgrade(say_whose));
    serve(in_layer(Router::new().route("/socket", any(upgrade)))).await
}

#[tokio::test]
async fn two_users_who_take_turns_on_one_runtime_never_mix() {
    let address = serve_sockets().await;
    let mut ada = Peer::connect(address, "ada").await;
    let mut bob = Peer::connect(address, "bob").await;
    for round in 0..50 {
        let text = round.to_string();
        // Both have a message under way before either reply is read.
        ada.send(&text).await;
        bob.send(&text).await;
        assert_eq!(bob.receive().await, format!("bob {} {text}", bob.request_id()));
        assert_eq!(ada.receive().await, format!("ada {} {text}", ada.request_id()));
    }
}

async fn drive(address: SocketAddr, user: &str) -> String {
    let mut peer = Peer::connect(address, user).await;
    let whose = format!("{user} {}", peer.request_id());
    for round in 0..10 {
        let text = format!("{user}-{round}");
        assert_eq!(peer.ask(&text).await, format!("{whose} {text}"));
    }
    peer.request_id().to_owned()
}

#[tokio::test]
async fn the_log_lines_of_many_sockets_are_each_their_own_users() {
    let log = Log::start();
    let address = serve_sockets().await;
    let users: Vec<_> = (0..40).map(|user| format!("u{user}")).collect();
    let ids = join_all(users.iter().map(|user| drive(address, user))).await;
    let ids: BTreeMap<_, _> = users.iter().zip(&ids).collect();
    let lines = log.take();
    assert_eq!(lines.len(), 400);
    for line in lines {
        let text = line["fields"]["text"].as_str().unwrap();
        let user = text.split('-').next().unwrap().to_owned();
        assert_eq!(line["user.id"], user);
        assert_eq!(line["request.id"], **ids[&user]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_many_threads_too() {
    let address = serve_sockets().await;
    let users: Vec<_> = (0..40).map(|user| format!("u{user}")).collect();
    join_all(users.iter().map(|user| drive(address, user))).await;
}
