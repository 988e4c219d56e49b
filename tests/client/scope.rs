//! A call outside every scope, or for another request than the one at hand, is not made.

use crate::support::Server;
use crate::support::bearer_of_user;
use crate::support::context_of;
use crate::support::get;
use crate::support::hyper;
use crate::support::reqwest;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use request_context::RequestContext;
use request_context::spawn_outside;
use request_context::tower::client::ClientError;
use request_context::tower::client::ClientLayer;
use std::convert::Infallible;
use std::error::Error;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::buffer::Buffer;

#[tokio::test]
async fn outside_every_scope_the_call_fails_and_nothing_is_sent() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(hyper());
    let error = client.oneshot(get(&server.url)).await.unwrap_err();
    assert!(error.is_outside_scope());
    assert!(error.to_string().contains("`ClientLayer::anonymous`"), "{error}");
    assert!(error.source().unwrap().is::<request_context::NoContext>());

    let client = ClientLayer::new().layer(reqwest());
    let request = Request::get(&server.url).body(reqwest::Body::default()).unwrap();
    assert!(client.oneshot(request).await.unwrap_err().is_outside_scope());
    assert!(server.take_seen().is_empty());
}

#[tokio::test]
async fn a_call_in_a_plain_task_of_a_request_fails() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(hyper());
    let call = client.oneshot(get(&server.url));
    let task = RequestContext::new().sync_scope(|| spawn_outside(call));
    assert!(task.await.unwrap().unwrap_err().is_outside_scope());
    assert!(server.take_seen().is_empty());
}

#[tokio::test]
async fn what_counts_is_where_the_call_is_made_and_not_where_its_future_is_polled() {
    let server = Server::start().await;
    let mut client = ClientLayer::new().layer(hyper());
    let (ada, bob) = (context_of("ada"), context_of("bob"));
    let future = ada.clone().sync_scope(|| client.call(get(&server.url)));
    bob.clone().scope(future).await.unwrap();
    assert_eq!(server.take_one().request_id, *ada.request_id());

    let too_late = bob.scope(client.call(get(&server.url)));
    assert!(too_late.await.unwrap_err().is_outside_scope());
}

#[tokio::test]
async fn an_anonymous_client_sends_nothing_of_its_own_from_outside() {
    let server = Server::start().await;
    let client = ClientLayer::new()
        .anonymous()
        .identity([server.origin()], bearer_of_user())
        .propagate(|_, headers| drop(headers.insert("x-trace", "1".parse().unwrap())))
        .layer(hyper());
    client.oneshot(get(&server.url)).await.unwrap();
    let headers = server.take_one().headers;
    assert_eq!(headers.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(), ["host"]);
}

#[tokio::test]
async fn an_anonymous_client_called_in_a_scope_is_like_any_other() {
    let server = Server::start().await;
    let client =
        ClientLayer::new().anonymous().identity([server.origin()], bearer_of_user()).layer(hyper());
    let context = context_of("ada");
    context.clone().scope(client.oneshot(get(&server.url))).await.unwrap();
    let seen = server.take_one();
    assert_eq!(seen.request_id, *context.request_id());
    assert_eq!(seen.header("authorization"), Some("Bearer token-of-ada"));
}

#[tokio::test]
async fn below_a_buffer_every_call_fails_and_says_where_the_layer_belongs() {
    let server = Server::start().await;
    let client = Buffer::new(ClientLayer::new().layer(hyper()), 8);
    for user in ["ada", "bob"] {
        let call = client.clone().oneshot(get(&server.url));
        let error = context_of(user).scope(call).await.unwrap_err();
        let error = error.downcast::<ClientError<hyper_util::client::legacy::Error>>().unwrap();
        assert!(error.is_outside_scope());
        assert!(error.to_string().contains("put `ClientLayer` outside a `Buffer`"), "{error}");
    }
    assert!(server.take_seen().is_empty());
}

#[tokio::test]
async fn above_a_buffer_each_call_is_its_callers() {
    let server = Server::start().await;
    let client = ServiceBuilder::new()
        .map_err(ClientError::into_boxed)
        .layer(ClientLayer::new().identity([server.origin()], bearer_of_user()))
        .buffer(8)
        .service(hyper::<Full<Bytes>>());
    for user in ["ada", "bob"] {
        let context = context_of(user);
        context.clone().scope(client.clone().oneshot(get(&server.url))).await.unwrap();
        let seen = server.take_one();
        assert_eq!(seen.request_id, *context.request_id());
        assert_eq!(seen.header("authorization"), Some(&*format!("Bearer token-of-{user}")));
    }
    let error = client.oneshot(get(&server.url)).await.unwrap_err();
    assert!(error.downcast::<ClientError<Infallible>>().unwrap().is_outside_scope());
}

#[tokio::test]
async fn a_request_that_belongs_to_another_is_not_sent() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(hyper());
    let (ada, bob) = (context_of("ada"), context_of("bob"));
    let mut request = get(&server.url);
    request.extensions_mut().insert(ada.clone());
    let error = bob.scope(client.clone().oneshot(request.clone())).await.unwrap_err();
    assert!(error.is_other_request());
    assert!(error.source().is_some());
    assert!(server.take_seen().is_empty());

    // As where a proxy sends on what it got.
    ada.clone().scope(client.oneshot(request)).await.unwrap();
    assert_eq!(server.take_one().request_id, *ada.request_id());
}
