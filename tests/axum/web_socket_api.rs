//! The rest of the upgrade is axum's own, to the letter.

use crate::support::in_layer;
use crate::support::soon;
use crate::web_socket_peer::Peer;
use crate::web_socket_peer::handshake;
use crate::web_socket_peer::serve;
use axum::Router;
use axum::extract::ws::Message;
use axum::extract::ws::WebSocket;
use axum::routing::any;
use futures::SinkExt;
use request_context::axum::ContextWebSocketUpgrade;
use std::future::ready;
use tokio::sync::mpsc;

/// What the server received, by size; an error as `None`.
async fn sizes_received(
    configure: impl Fn(ContextWebSocketUpgrade) -> ContextWebSocketUpgrade
    + Clone
    + Send
    + Sync
    + 'static,
    sizes: &[usize],
) -> Vec<Option<usize>> {
    let (sender, mut received) = mpsc::unbounded_channel();
    let handler = move |upgrade: ContextWebSocketUpgrade| {
        let sender = sender.clone();
        ready(configure(upgrade).on_upgrade(async move |mut socket: WebSocket| {
            while let Some(message) = socket.recv().await {
                match message {
                    Ok(Message::Binary(bytes)) => sender.send(Some(bytes.len())).unwrap(),
                    Ok(_) => {}
                    Err(_) => return sender.send(None).unwrap(),
                }
            }
        }))
    };
    let address = serve(in_layer(Router::new().route("/socket", any(handler)))).await;
    let mut peer = Peer::connect(address, "").await;
    let mut all = Vec::new();
    for size in sizes {
        peer.socket.send(vec![0; *size].into()).await.unwrap();
        all.push(soon(received.recv()).await.unwrap());
    }
    all
}

#[tokio::test]
async fn limits_of_messages_and_frames_are_kept() {
    let received = sizes_received(|upgrade| upgrade, &[8, 9]).await;
    assert_eq!(received, [Some(8), Some(9)]);
    let received = sizes_received(|upgrade| upgrade.max_message_size(8), &[8, 9]).await;
    assert_eq!(received, [Some(8), None]);
    let received = sizes_received(|upgrade| upgrade.max_frame_size(8), &[8, 9]).await;
    assert_eq!(received, [Some(8), None]);
}

#[tokio::test]
async fn each_setting_arrives_at_the_upgrade_of_axum() {
    let handler = |upgrade: ContextWebSocketUpgrade| {
        let upgrade = upgrade
            .read_buffer_size(11)
            .write_buffer_size(22)
            .max_write_buffer_size(33)
            .max_message_size(44)
            .max_frame_size(55)
            .accept_unmasked_frames(true);
        let debug = format!("{upgrade:?}");
        for setting in [
            "read_buffer_size: 11",
            "write_buffer_size: 22",
            "max_write_buffer_size: 33",
            "max_message_size: Some(44)",
            "max_frame_size: Some(55)",
            "accept_unmasked_frames: true",
            upgrade.context().request_id().as_str(),
        ] {
            assert!(debug.contains(setting), "{setting}: {debug}");
        }
        ready(upgrade.on_upgrade(async |_| {}))
    };
    let address = serve(in_layer(Router::new().route("/socket", any(handler)))).await;
    Peer::connect(address, "").await.close().await;
}

#[tokio::test]
async fn the_protocol_is_negotiated_as_by_axum() {
    let handler = |upgrade: ContextWebSocketUpgrade| {
        let requested: Vec<_> = upgrade.requested_protocols().cloned().collect();
        assert_eq!(requested, ["echo", "echo3"]);
        assert_eq!(upgrade.selected_protocol(), None);
        let upgrade = upgrade.protocols(["echo2", "echo"]).on_failed_upgrade(|_| {});
        assert_eq!(upgrade.selected_protocol().unwrap(), "echo");
        ready(upgrade.on_upgrade(async |mut socket: WebSocket| {
            let protocol = socket.protocol().unwrap().to_str().unwrap().to_owned();
            socket.send(protocol.into()).await.unwrap();
        }))
    };
    let address = serve(in_layer(Router::new().route("/socket", any(handler)))).await;
    let request = handshake(address, "").with_sub_protocol("echo3").with_sub_protocol("echo");
    let mut peer = Peer::shake(request).await.unwrap();
    assert_eq!(peer.headers["sec-websocket-protocol"], "echo");
    assert_eq!(peer.receive().await, "echo");
}

#[tokio::test]
async fn a_protocol_can_be_selected_by_hand() {
    let handler = |mut upgrade: ContextWebSocketUpgrade| {
        upgrade.set_selected_protocol("chat".parse().unwrap());
        ready(upgrade.on_upgrade(async |_| {}))
    };
    let address = serve(in_layer(Router::new().route("/socket", any(handler)))).await;
    let request = handshake(address, "").with_sub_protocol("chat");
    assert_eq!(Peer::shake(request).await.unwrap().headers["sec-websocket-protocol"], "chat");
}
