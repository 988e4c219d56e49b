//! A tonic client of a tonic server.

use crate::support::bearer_of_user;
use crate::support::context_of;
use futures::StreamExt;
use http::HeaderMap;
use http::Request;
use http::Uri;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::spawn_outside;
use request_context::tower::RequestContextLayer;
use request_context::tower::client::ClientBody;
use request_context::tower::client::ClientError;
use request_context::tower::client::ClientLayer;
use std::error::Error;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpListener;
use tonic::Code;
use tonic::body::Body;
use tonic::service::Interceptor;
use tonic::service::InterceptorLayer;
use tonic::transport::Channel;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::Service;
use tower::ServiceBuilder;

/// The metadata of each call, and the ID of the context that it had in the server.
type Seen = Arc<Mutex<Vec<(HeaderMap, RequestId)>>>;

#[derive(Clone)]
struct Note(Seen);

impl Interceptor for Note {
    fn call(&mut self, request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        let id = RequestContext::current().request_id().clone();
        self.0.lock().unwrap().push((request.metadata().clone().into_headers(), id));
        Ok(request)
    }
}

/// The health service on a port of its own.
async fn start() -> (Uri, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let seen = Seen::default();
    let (_, health) = tonic_health::server::health_reporter();
    let server = Server::builder()
        .layer(RequestContextLayer::new().trust_request_id(|_| true))
        .layer(InterceptorLayer::new(Note(Arc::clone(&seen))))
        .add_service(health)
        .serve_with_incoming(TcpIncoming::from(listener));
    spawn_outside(server);
    (uri, seen)
}

type Failed = ClientError<tonic::transport::Error>;

fn channel(
    layer: ClientLayer,
    uri: &Uri,
) -> impl Service<Request<Body>, Response = http::Response<Body>, Error = Failed> + Clone {
    ServiceBuilder::new()
        .layer(layer)
        .map_request(|request: Request<ClientBody<Body>>| request.map(Body::new))
        .service(Channel::builder(uri.clone()).connect_lazy())
}

#[tokio::test]
async fn the_id_is_in_the_metadata_of_a_unary_and_of_a_streaming_call() {
    let (uri, seen) = start().await;
    let mut client = HealthClient::new(channel(ClientLayer::new(), &uri));
    let context = context_of("ada");
    let calls = async {
        client.check(HealthCheckRequest::default()).await.unwrap();
        let mut changes = client.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
        changes.next().await.unwrap().unwrap();
    };
    context.clone().scope(calls).await;
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    for (metadata, id) in &*seen {
        assert_eq!(metadata["x-request-id"], context.request_id().as_str());
        assert_eq!(id, context.request_id());
        assert!(!metadata.contains_key("authorization"));
    }
}

#[tokio::test]
async fn outside_every_scope_the_call_fails_with_a_status_that_has_our_error() {
    let (uri, seen) = start().await;
    let mut client = HealthClient::new(channel(ClientLayer::new(), &uri));
    let status = client.check(HealthCheckRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unknown);
    let error = status.source().unwrap().downcast_ref::<Failed>().unwrap();
    assert!(error.is_outside_scope());
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_identity_needs_the_origin_of_the_client() {
    let (uri, seen) = start().await;
    let layer = ClientLayer::new().identity([uri.to_string().parse().unwrap()], bearer_of_user());
    let mut client = HealthClient::with_origin(channel(layer.clone(), &uri), uri.clone());
    context_of("ada").scope(client.check(HealthCheckRequest::default())).await.unwrap();
    assert_eq!(seen.lock().unwrap().remove(0).0["authorization"], "Bearer token-of-ada");

    let mut client = HealthClient::new(channel(layer, &uri));
    let call = client.check(HealthCheckRequest::default());
    let status = context_of("ada").scope(call).await.unwrap_err();
    assert!(status.source().unwrap().downcast_ref::<Failed>().unwrap().is_unknown_origin());
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_still_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let mut client = HealthClient::new(channel(ClientLayer::new(), &uri));
    let call = client.check(HealthCheckRequest::default());
    let status = context_of("ada").scope(call).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
}
