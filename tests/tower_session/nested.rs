//! A layer within a layer.

use crate::support::Carrier;
use crate::support::Client;
use crate::support::Gate;
use crate::support::Watched;
use crate::support::all;
use crate::support::by_header;
use crate::support::routes;
use crate::support::serve;
use crate::support::start;
use axum::Router;
use http::Method;
use request_context::session::Sessions;
use request_context::tower::RequestContextLayer;
use request_context::tower::session::Policy;
use request_context::tower::session::SessionLayer;
use request_context::tower::session::Transport;
use std::net::SocketAddr;
use tower::Layer;

/// A server with a layer for cookies, and within it one of these sessions on this transport.
async fn serve_within(
    gate: &Gate,
    outer: &Sessions,
    inner: &Sessions,
    transport: impl Into<Transport>,
) -> SocketAddr {
    let inner = SessionLayer::new(inner.clone(), transport, Policy::browser());
    let outer = SessionLayer::new(outer.clone(), Transport::cookie(), Policy::browser());
    let app = outer.layer(inner.layer(routes(gate.clone())));
    serve(Router::new().fallback_service(RequestContextLayer::new().layer(app))).await
}

#[tokio::test]
async fn a_layer_that_stands_twice_is_one() {
    for transport in [Transport::cookie().into(), Transport::header()] {
        let (store, gate) = (Watched::default(), Gate::default());
        let sessions = Sessions::new(store.clone());
        let address = serve_within(&gate, &sessions, &sessions, transport).await;
        let mut client = Client::connect(address, Carrier::Cookie).await;
        client.ask("/write/a").await;
        assert_eq!(client.ask("/write/b").await, "ab");
        assert!(client.ask("/login/ada").await.starts_with("ada "));
        assert_eq!(client.ask("/write/c").await, "c");
        assert_eq!(client.ask("/read").await, "c");
        assert_eq!(store.memory.len(), 1);

        // A request in flight begins no other session when this one ends.
        let mut slow = client.again().await;
        let slow = start(async move { slow.get("/slow?renew").await });
        gate.arrived(1).await;
        client.ask("/logout").await;
        gate.open(1);
        let reply = slow.await.unwrap();
        assert_eq!((reply.body.as_str(), reply.token()), (&*all("revoked"), None));
        assert!(store.memory.is_empty());
    }
}

#[tokio::test]
async fn a_token_of_the_inner_transport_is_taken_where_the_outer_one_has_none() {
    let (store, gate) = (Watched::default(), Gate::default());
    let sessions = Sessions::new(store.clone());
    let address = serve_within(&gate, &sessions, &sessions, Transport::header()).await;
    let mut browser = Client::connect(address, Carrier::Cookie).await;
    let whose = browser.ask("/login/ada").await;
    let token = browser.token.clone().unwrap();
    let mut program = Client::connect(address, Carrier::Header).await.with(&token);
    assert_eq!(program.ask("/whose").await, whose);
    // A dead one is no reason to be somebody else, or nobody.
    let request = browser.request(Method::GET, "/whose").header("x-session-id", "dead");
    assert_eq!(browser.send(request).await.body, whose);
}

#[tokio::test]
async fn other_sessions_further_in_are_others() {
    let gate = Gate::default();
    let (outer, inner) = (Watched::default(), Watched::default());
    let (outer_sessions, inner_sessions) =
        (Sessions::new(outer.clone()), Sessions::new(inner.clone()));
    let address = serve_within(&gate, &outer_sessions, &inner_sessions, Transport::header()).await;
    let mut client = Client::connect(address, Carrier::Header).await;
    client.ask("/write/a").await;
    assert_eq!(client.ask("/read").await, "a");
    assert_eq!((outer.memory.len(), inner.memory.len()), (0, 1));
}

#[tokio::test]
async fn who_is_authenticated_between_two_layers_has_a_session_of_their_own() {
    let (store, gate) = (Watched::default(), Gate::default());
    let sessions = Sessions::new(store.clone());
    let layer = SessionLayer::new(sessions, Transport::cookie(), Policy::browser());
    let between = RequestContextLayer::new().authenticate(by_header);
    let app = layer.layer(between.layer(layer.layer(routes(gate))));
    let app = RequestContextLayer::new().layer(app);
    let address = serve(Router::new().fallback_service(app)).await;
    let mut client = Client::connect(address, Carrier::Cookie).await;
    let request = client.request(Method::POST, "/write/a").header("x-test-user", "bob");
    assert_eq!(client.send(request).await.body, "a");
    assert!(client.ask("/whose").await.starts_with("bob "));
    assert_eq!(client.ask("/read").await, "a");
    assert_eq!(store.memory.len(), 1);
}
