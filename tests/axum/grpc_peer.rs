//! Refusals on a real socket, as real clients of gRPC and gRPC-Web read them.

use crate::support::in_layer;
use crate::support::soon;
use crate::web_socket_peer::serve;
use axum::Router;
use axum::body::Body;
use axum::routing::post;
use http::Request;
use http::StatusCode;
use http::Uri;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use request_context::axum::CurrentUser;
use std::net::SocketAddr;
use tonic::Code;
use tonic::Status;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_web::GrpcWebClientLayer;
use tower::Layer;

const CHECK: &str = "/grpc.health.v1.Health/Check";

/// In the layer; or without it.
async fn start(is_in_layer: bool) -> SocketAddr {
    let router = Router::new().route(CHECK, post(|_: CurrentUser| async {}));
    serve(if is_in_layer { in_layer(router) } else { router }).await
}

fn request(token: &str) -> tonic::Request<HealthCheckRequest> {
    let mut request = tonic::Request::new(HealthCheckRequest::default());
    if !token.is_empty() {
        let token = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", token);
    }
    request
}

/// By tonic over HTTP/2.
async fn by_grpc(address: SocketAddr, token: &str) -> Status {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let mut client = HealthClient::new(soon(endpoint.connect()).await.unwrap());
    soon(client.check(request(token))).await.unwrap_err()
}

/// By tonic's client for gRPC-Web, over HTTP/1.
async fn by_grpc_web(address: SocketAddr, token: &str) -> Status {
    let http = Client::builder(TokioExecutor::new()).build_http();
    let http = GrpcWebClientLayer::new().layer(http);
    let origin: Uri = format!("http://{address}").parse().unwrap();
    let mut client = HealthClient::with_origin(http, origin);
    soon(client.check(request(token))).await.unwrap_err()
}

#[tokio::test]
async fn clients_of_grpc_and_of_grpc_web_read_the_status() {
    // Not by the extractor but by the layer: "wrong".
    for (is_in_layer, token, code) in [
        (true, "", Code::Unauthenticated),
        (true, "wrong", Code::Unauthenticated),
        (false, "", Code::Internal),
    ] {
        let address = start(is_in_layer).await;
        for status in [by_grpc(address, token).await, by_grpc_web(address, token).await] {
            assert_eq!(status.code(), code, "{token}: {status:?}");
            let is_challenged = status.metadata().contains_key("www-authenticate");
            assert_eq!(is_challenged, code == Code::Unauthenticated);
        }
    }
}

#[tokio::test]
async fn on_the_wire_the_answer_is_of_the_clients_type_and_has_its_status_in_the_head() {
    let address = start(true).await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    for (sent, read) in [
        ("application/grpc-web", "application/grpc-web"),
        ("application/grpc-web+proto", "application/grpc-web"),
        ("application/grpc-web-text", "application/grpc-web-text"),
        ("application/grpc-web-text+proto", "application/grpc-web-text"),
    ] {
        for token in ["", "wrong"] {
            let mut request =
                Request::post(format!("http://{address}{CHECK}")).header("content-type", sent);
            if !token.is_empty() {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            let response = client.request(request.body(Body::empty()).unwrap());
            let (head, body) = soon(response).await.unwrap().into_parts();
            assert_eq!(head.status, StatusCode::OK);
            assert_eq!(head.headers["content-type"], read);
            assert_eq!(head.headers["grpc-status"], "16");
            assert_eq!(head.headers.get_all("content-type").iter().count(), 1);
            assert_eq!(soon(body.collect()).await.unwrap().to_bytes(), "");
        }
    }
}
