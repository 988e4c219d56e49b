//! Two users who share one client at the same time.

use crate::support::Server;
use crate::support::bearer_of_user;
use crate::support::context_of;
use crate::support::hyper;
use crate::support::reqwest;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use http::Request;
use http_body::Frame;
use http_body_util::StreamBody;
use request_context::RequestContext;
use request_context::spawn_outside;
use request_context::tower::client::ClientLayer;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::Barrier;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;

const CALLS: usize = 100;

/// The ID and the user, asked for when the client polls the body.
fn who_is_it() -> impl futures::Stream<Item = Result<Bytes, Infallible>> + Send + Sync {
    stream::iter([0, 1]).map(|half| {
        let context = RequestContext::current();
        let text = if half == 0 {
            context.request_id().to_string()
        } else {
            format!(" {}", context.require_user().unwrap())
        };
        Ok(Bytes::from(text))
    })
}

async fn two_users_share<S, B>(server: Server, client: S, body: fn() -> B)
where
    S: Service<Request<B>, Error: std::fmt::Debug, Future: Send, Response: Send>,
    S: Clone + Send + 'static,
    B: Send + 'static,
{
    let barrier = Arc::new(Barrier::new(2));
    let users = ["ada", "bob"].map(|user| {
        let (mut client, barrier) = (client.clone(), Arc::clone(&barrier));
        let url = server.url.clone();
        spawn_outside(async move {
            let mut ids = Vec::new();
            for _ in 0..CALLS {
                // So that the two go on side by side.
                barrier.wait().await;
                let context = context_of(user);
                ids.push(context.request_id().to_string());
                let request = Request::post(&url).body(body()).unwrap();
                let call = async { client.ready().await.unwrap().call(request).await };
                context.scope(call).await.unwrap();
            }
            ids.into_iter().map(|id| (id, user)).collect::<Vec<_>>()
        })
    });
    let mut users_of_ids = HashMap::new();
    for user in users {
        users_of_ids.extend(user.await.unwrap());
    }
    let seen = server.take_seen();
    assert_eq!(seen.len(), 2 * CALLS);
    for seen in seen {
        let id = seen.request_id.as_str();
        let user = users_of_ids.remove(id).unwrap();
        assert_eq!(seen.header("x-request-id"), Some(id));
        assert_eq!(seen.header("authorization"), Some(&*format!("Bearer token-of-{user}")));
        assert_eq!(seen.body, format!("{id} {user}"));
        assert_eq!(seen.header("cookie"), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_hyper_nor_its_pool_mixes_their_calls() {
    let server = Server::start().await;
    let layer = ClientLayer::new().identity([server.origin()], bearer_of_user());
    let body = || StreamBody::new(who_is_it().map(|bytes| bytes.map(Frame::data)));
    two_users_share(server, layer.layer(hyper()), body).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_reqwest_nor_its_pool_mixes_their_calls() {
    let server = Server::start().await;
    let layer = ClientLayer::new().identity([server.origin()], bearer_of_user());
    let body = || reqwest::Body::wrap_stream(who_is_it());
    two_users_share(server, layer.layer(reqwest()), body).await;
}
