//! A gRPC server of tonic's with the layer, and a real tonic client: unary and server streaming.

use crate::support::End;
use crate::support::Ends;
use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::soon;
use crate::support::start;
use crate::support::trusting;
use crate::support::whose;
use futures::Stream;
use futures::StreamExt;
use futures::stream;
use http::request::Parts;
use request_context::tower::Authentication;
use request_context::tower::EndReason;
use request_context::tower::EndReason::Complete;
use request_context::tower::EndReason::Dropped;
use std::future::ready;
use std::net::SocketAddr;
use std::pin::Pin;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Code;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::transport::Endpoint;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::HealthCheckResponse;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::Health;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::health_reporter;

/// Stops the server when it is dropped.
struct Running(SocketAddr, AbortHandle);

impl Drop for Running {
    fn drop(&mut self) {
        self.1.abort();
    }
}

/// Serves on a socket.
macro_rules! serve {
    ($layer:expr, $service:expr) => {{
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::builder().layer($layer).add_service($service);
        let server = server.serve_with_incoming(TcpListenerStream::new(listener));
        let task = start(async { server.await.unwrap() });
        Running(address, task.abort_handle())
    }};
}

async fn connect(server: &Running) -> HealthClient<Channel> {
    let endpoint = Endpoint::from_shared(format!("http://{}", server.0)).unwrap();
    HealthClient::new(soon(endpoint.connect()).await.unwrap())
}

fn request(token: &str) -> Request<HealthCheckRequest> {
    let mut request = Request::new(HealthCheckRequest { service: String::new() });
    let metadata = request.metadata_mut();
    metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
    metadata.insert("x-request-id", format!("r-of-{token}").parse().unwrap());
    request
}

/// Says in its metadata, and by its channel, for whom it works.
struct Whose {
    seen: mpsc::UnboundedSender<String>,
}

fn seen(stage: &str) -> String {
    format!("{stage}: {} {}", whose(), here())
}

type Answer = Result<HealthCheckResponse, Status>;

fn serving() -> HealthCheckResponse {
    HealthCheckResponse { status: ServingStatus::Serving as i32 }
}

#[tonic::async_trait]
impl Health for Whose {
    async fn check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        tokio::task::yield_now().await;
        let mut response = Response::new(serving());
        let seen = MetadataValue::try_from(seen("check")).unwrap();
        response.metadata_mut().insert("seen", seen);
        Ok(response)
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Answer> + Send>>;

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let locals = NotesItsDrop(self.seen.clone());
        let three = stream::unfold((0, locals), |(number, locals)| async move {
            tokio::task::yield_now().await;
            locals.0.send(seen("poll")).unwrap();
            (number < 3).then_some((Ok(serving()), (number + 1, locals)))
        });
        Ok(Response::new(three.boxed()))
    }
}

struct NotesItsDrop(mpsc::UnboundedSender<String>);

impl Drop for NotesItsDrop {
    fn drop(&mut self) {
        let _ = self.0.send(seen("drop"));
    }
}

/// The end of a gRPC request, whose bytes are tonic's affair.
fn assert_end(end: &End, reason: EndReason, user: &str) {
    assert_eq!((end.reason, end.status), (reason, Some(200)));
    assert_eq!((end.user.as_str(), end.id.as_str()), (user, format!("r-of-{user}").as_str()));
}

#[tokio::test]
async fn a_unary_call_runs_in_the_context_of_its_user() {
    let (hook, mut ends) = ends();
    let whose = Whose { seen: mpsc::unbounded_channel().0 };
    let layer = trusting().authenticate(by_token).on_end(hook);
    let server = serve!(layer, HealthServer::new(whose));
    let mut client = connect(&server).await;
    for user in ["ada", "bob", "ada"] {
        let response = soon(client.check(request(user))).await.unwrap();
        let metadata = response.metadata();
        assert_eq!(metadata.get("seen").unwrap(), &format!("check: {user} r-of-{user}"));
        assert_eq!(metadata.get("x-request-id").unwrap(), &format!("r-of-{user}"));
        assert_end(&ends.next().await, Complete, user);
    }
}

#[tokio::test]
async fn the_messages_of_a_stream_are_made_in_the_context_of_its_user() {
    let (hook, mut ends) = ends();
    let (sender, mut seen) = mpsc::unbounded_channel();
    let layer = trusting().authenticate(by_token).on_end(hook);
    let server = serve!(layer, HealthServer::new(Whose { seen: sender }));
    let mut client = connect(&server).await;
    for user in ["ada", "bob"] {
        let mut messages = soon(client.watch(request(user))).await.unwrap().into_inner();
        for _ in 0..3 {
            assert!(soon(messages.message()).await.unwrap().is_some());
        }
        assert_eq!(soon(messages.message()).await.unwrap(), None);
        assert_end(&ends.next().await, Complete, user);
        for stage in ["poll", "poll", "poll", "poll", "drop"] {
            assert_eq!(soon(seen.recv()).await.unwrap(), format!("{stage}: {user} r-of-{user}"));
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_has_dropped_the_request() {
    let (hook, mut ends) = ends();
    let (reporter, service) = health_reporter();
    let layer = trusting().authenticate(by_token).on_end(hook);
    let server = serve!(layer, service);
    let mut client = connect(&server).await;
    let mut messages = soon(client.watch(request("ada"))).await.unwrap().into_inner();
    let first = soon(messages.message()).await.unwrap().unwrap();
    assert_eq!(first.status, ServingStatus::Serving as i32);
    reporter.set_service_status("", ServingStatus::NotServing).await;
    let second = soon(messages.message()).await.unwrap().unwrap();
    assert_eq!(second.status, ServingStatus::NotServing as i32);
    assert!(ends.told().is_empty());
    drop(messages);
    assert_end(&ends.next().await, Dropped, "ada");
    soon(client.check(request("bob"))).await.unwrap();
    assert_end(&ends.next().await, Complete, "bob");
}

/// The error of a call to a server that must not be reached.
async fn refused(answer: Authentication, request: Request<HealthCheckRequest>) -> (Status, Ends) {
    let (hook, ends) = ends();
    let authenticate = move |_: &Parts| ready(answer.clone());
    let layer = trusting().authenticate(authenticate).on_end(hook);
    let (_, service) = health_reporter();
    let server = serve!(layer, service);
    let mut client = connect(&server).await;
    (soon(client.check(request)).await.unwrap_err(), ends)
}

#[tokio::test]
async fn who_is_rejected_gets_the_status_unauthenticated() {
    let (status, mut ends) = refused(Authentication::rejected(), request("ada")).await;
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(status.metadata().get("x-request-id").unwrap(), "r-of-ada");
    assert_eq!(ends.next().await.what(), (Complete, Some(200), 0));
}

#[tokio::test]
async fn where_it_cannot_be_found_out_the_status_is_unavailable() {
    let (status, _) = refused(Authentication::Unavailable, request("ada")).await;
    assert_eq!(status.code(), Code::Unavailable);
}

#[tokio::test]
async fn two_credentials_get_the_status_unauthenticated() {
    let mut request = request("ada");
    request.metadata_mut().append("authorization", "Bearer bob".parse().unwrap());
    let (status, _) = refused(Authentication::Anonymous, request).await;
    assert_eq!(status.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_rejected_stream_gets_the_status_too() {
    let (_, service) = health_reporter();
    let layer = trusting().authenticate(by_token);
    let server = serve!(layer, service);
    let mut client = connect(&server).await;
    let status = soon(client.watch(request("wrong"))).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn an_unknown_method_has_the_id_too() {
    let (hook, mut ends) = ends();
    let (_, service) = health_reporter();
    let server = serve!(trusting().on_end(hook), service);
    let mut request = request("ada");
    request.get_mut().service = "there is none".into();
    let status = soon(connect(&server).await.check(request)).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(status.metadata().get("x-request-id").unwrap(), "r-of-ada");
    assert_eq!(ends.next().await.reason, Complete);
}
