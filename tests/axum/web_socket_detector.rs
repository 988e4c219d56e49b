//! The detector of plain spawns has nothing to say about an upgrade that carries its callbacks.

use crate::support::in_layer;
use crate::web_socket_peer::Peer;
use crate::web_socket_peer::say_whose;
use crate::web_socket_peer::serve;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::MethodRouter;
use axum::routing::any;
use request_context::PlainSpawnDetector;
use request_context::axum::ContextWebSocketUpgrade;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::runtime::Builder;
use tokio::task::yield_now;

/// The files of what the detector reports while a client talks to `socket`.
fn reported(socket: MethodRouter) -> Vec<&'static str> {
    let files = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&files);
    let mut builder = Builder::new_current_thread();
    PlainSpawnDetector::new(move |location| noted.lock().unwrap().push(location.file()))
        .install(&mut builder);
    builder.enable_all().build().unwrap().block_on(async {
        let address = serve(in_layer(Router::new().route("/socket", socket))).await;
        let mut ada = Peer::connect(address, "ada").await;
        ada.ask("1").await;
        ada.close().await;
    });
    std::mem::take(&mut *files.lock().unwrap())
}

#[test]
fn the_upgrade_in_the_context_is_not_reported_and_the_one_of_axum_is() {
    // Axum's task is polled before the upgrade is there.
    let ours = any(async |upgrade: ContextWebSocketUpgrade| {
        let response = upgrade.on_upgrade(say_whose);
        yield_now().await;
        response
    });
    assert_eq!(reported(ours), [""; 0]);
    let plain = any(async |upgrade: WebSocketUpgrade| {
        let response = upgrade.on_upgrade(say_whose);
        yield_now().await;
        response
    });
    let files = reported(plain);
    assert!(matches!(&*files, [file] if file.ends_with("ws.rs")), "{files:?}");
}
