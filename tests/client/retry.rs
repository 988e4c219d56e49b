//! A call that is made again is still a call of the same request.

use crate::support::bearer_of_user;
use crate::support::context_of;
use crate::support::get;
use crate::support::hyper;
use crate::support::serve;
use axum::Router;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::HeaderMap;
use http::Request;
use http::StatusCode;
use http_body_util::Full;
use request_context::tower::client::ClientLayer;
use std::future::Ready;
use std::future::ready;
use std::sync::Arc;
use std::sync::Mutex;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::retry::Policy;
use tower::retry::RetryLayer;

/// Again while the server is unavailable, twice at most.
#[derive(Clone)]
struct Twice(usize);

impl<R, E> Policy<Request<Full<Bytes>>, http::Response<R>, E> for Twice {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Full<Bytes>>,
        result: &mut Result<http::Response<R>, E>,
    ) -> Option<Ready<()>> {
        let is_unavailable =
            result.as_ref().is_ok_and(|r| r.status() == StatusCode::SERVICE_UNAVAILABLE);
        self.0 = self.0.checked_sub(1)?;
        is_unavailable.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

/// A server that is unavailable for the first two requests.
async fn start() -> (String, Arc<Mutex<Vec<HeaderMap>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let router = Router::new().fallback(async move |headers: HeaderMap| {
        let mut seen = noted.lock().unwrap();
        seen.push(headers);
        let is_available = seen.len() > 2;
        if is_available { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }.into_response()
    });
    (serve(router).await, seen)
}

#[tokio::test]
async fn towers_retry_keeps_the_id_and_the_identity() {
    let (url, seen) = start().await;
    let layer = ClientLayer::new().identity([url.parse().unwrap()], bearer_of_user());
    let client =
        ServiceBuilder::new().layer(RetryLayer::new(Twice(2))).layer(layer).service(hyper());
    let context = context_of("ada");
    let response = context.clone().scope(client.oneshot(get(&url))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    for headers in &*seen {
        assert_eq!(headers["x-request-id"], context.request_id().as_str());
        assert_eq!(headers["authorization"], "Bearer token-of-ada");
    }
}

#[tokio::test]
async fn a_loop_in_the_handler_keeps_the_id_and_another_request_has_another() {
    let (url, seen) = start().await;
    let mut client = ClientLayer::new().layer(hyper());
    let contexts = [context_of("ada"), context_of("ada")];
    for context in &contexts {
        for _ in 0..2 {
            let call = async { client.call(get(&url)).await };
            context.clone().scope(call).await.unwrap();
        }
    }
    let seen = seen.lock().unwrap();
    let ids: Vec<_> =
        seen.iter().map(|headers| headers["x-request-id"].to_str().unwrap()).collect();
    let [one, other] = contexts.each_ref().map(|context| context.request_id().as_str());
    assert_eq!(ids, [one, one, other, other]);
    assert_ne!(one, other);
}
