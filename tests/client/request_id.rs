//! The request ID of a call is that of the request that makes it.

use crate::support::Server;
use crate::support::get;
use crate::support::hyper;
use crate::support::of_reqwest;
use crate::support::reqwest;
use bytes::Bytes;
use http::HeaderName;
use http::Request;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use request_context::RequestContext;
use request_context::tower::client::ClientBody;
use request_context::tower::client::ClientLayer;
use tower::Layer;
use tower::ServiceExt;

#[tokio::test]
async fn the_server_that_is_called_by_hyper_works_under_the_same_id() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(hyper());
    let context = RequestContext::new();
    context.clone().scope(client.oneshot(get(&server.url))).await.unwrap();
    assert_eq!(server.take_one().request_id, *context.request_id());
}

#[tokio::test]
async fn the_server_that_is_called_by_reqwest_works_under_the_same_id() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(reqwest());
    let context = RequestContext::new();
    let request = Request::post(&server.url).body(reqwest::Body::from("hello")).unwrap();
    let response = context.clone().scope(client.oneshot(request)).await.unwrap();
    assert_eq!(response.headers()["x-request-id"], context.request_id().as_str());
    let seen = server.take_one();
    assert_eq!(seen.request_id, *context.request_id());
    assert_eq!((seen.body.as_ref(), seen.header("content-length")), (&b"hello"[..], Some("5")));
}

#[tokio::test]
async fn http_2_carries_it_as_http_1_does() {
    let server = Server::start().await;
    let context = RequestContext::new();

    let mut http = Client::builder(TokioExecutor::new());
    let http = http.http2_only(true).build_http::<ClientBody<Full<Bytes>>>();
    let client = ClientLayer::new().layer(http);
    context.clone().scope(client.oneshot(get(&server.url))).await.unwrap();
    assert_eq!(server.take_one().request_id, *context.request_id());

    let http = of_reqwest(reqwest::Client::builder().no_proxy().http2_prior_knowledge());
    let request = Request::get(&server.url).body(reqwest::Body::default()).unwrap();
    let client = ClientLayer::new().layer(http);
    let response = context.clone().scope(client.oneshot(request)).await.unwrap();
    assert_eq!(response.version(), http::Version::HTTP_2);
    assert_eq!(server.take_one().request_id, *context.request_id());
}

#[tokio::test]
async fn the_header_can_have_another_name() {
    let server = Server::start().await;
    let name = HeaderName::from_static("x-correlation-id");
    let client = ClientLayer::new().request_id_header(name).layer(hyper());
    let context = RequestContext::new();
    context.clone().scope(client.oneshot(get(&server.url))).await.unwrap();
    let seen = server.take_one();
    assert_eq!(seen.header("x-correlation-id"), Some(context.request_id().as_str()));
    assert_ne!(seen.request_id, *context.request_id());
}

#[tokio::test]
async fn an_id_that_the_caller_has_set_goes_out_as_it_is() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(hyper());
    let mut request = get(&server.url);
    request.headers_mut().insert("x-request-id", "set-by-caller".parse().unwrap());
    RequestContext::new().scope(client.oneshot(request)).await.unwrap();
    assert_eq!(server.take_one().header("x-request-id"), Some("set-by-caller"));
}

#[tokio::test]
async fn an_id_of_the_greatest_length_arrives_whole() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(hyper());
    let context = RequestContext::builder().request_id("a".repeat(128).parse().unwrap()).build();
    context.clone().scope(client.oneshot(get(&server.url))).await.unwrap();
    assert_eq!(server.take_one().request_id, *context.request_id());
}

#[tokio::test]
async fn by_default_nothing_goes_out_but_the_id() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(hyper());
    let context = RequestContext::builder()
        .user("ada".parse().unwrap())
        .session("session-of-ada".parse().unwrap())
        .build();
    context.clone().scope(client.oneshot(get(&server.url))).await.unwrap();
    let mut headers = server.take_one().headers;
    headers.remove("host");
    assert_eq!(headers.remove("x-request-id").unwrap(), context.request_id().as_str());
    assert!(headers.is_empty(), "{headers:?}");
}
