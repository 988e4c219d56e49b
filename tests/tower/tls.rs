//! What holds over plain sockets holds behind TLS, with HTTP/1 and HTTP/2 agreed on by ALPN.

use crate::support::Client;
use crate::support::Ends;
use crate::support::Http;
use crate::support::Server;
use crate::support::Tls;
use crate::support::by_token;
use crate::support::ends;
use crate::support::get;
use crate::support::here;
use crate::support::soon;
use crate::support::text_of;
use crate::support::trusting;
use crate::support::whose;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use http::Request;
use http::Version;
use http_body_util::BodyExt;
use http_body_util::Full;
use request_context::tower::EndReason;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use tokio::sync::Notify;
use tower::Layer;

fn request(path: &str, user: &str, id: &str) -> Request<Full<Bytes>> {
    let mut request = get(path, id);
    request.headers_mut().insert("authorization", format!("Bearer {user}").parse().unwrap());
    request
}

fn seen() -> String {
    format!("{} {}\n", whose(), here())
}

/// Says in the handler and in a frame of its body for whom that is.
async fn says() -> Body {
    let handler = seen();
    let frame = stream::once(async { seen() });
    Body::from_stream(stream::iter([handler]).chain(frame).map(Ok::<_, Infallible>))
}

async fn serve(app: Router, http: Http) -> (Server, Client, Ends) {
    let (tls, (hook, ends)) = (Tls::new(), ends());
    let layer = trusting().authenticate(by_token).on_end(hook);
    let server = Server::start_tls(&tls, layer.layer(app)).await;
    let client = Client::connect_tls(&tls, http, server.address).await;
    (server, client, ends)
}

#[tokio::test]
async fn two_users_who_alternate_on_one_connection_see_only_themselves() {
    for http in Http::BOTH {
        let app = Router::new().route("/", axum::routing::get(says));
        let (server, mut client, mut ends) = serve(app, http).await;
        for round in 0..5 {
            for user in ["ada", "bob"] {
                let id = format!("{user}-{round}");
                let response = client.send(request("/", user, &id)).await;
                assert_eq!(response.version() == Version::HTTP_2, http == Http::Two);
                assert_eq!(response.headers()["x-request-id"], id);
                let expected = format!("{user} {id}\n").repeat(2);
                assert_eq!(text_of(response.into_body()).await, expected, "{http:?}");
                let end = ends.next().await;
                assert_eq!((end.reason, &*end.user, end.id), (EndReason::Complete, user, id));
            }
        }
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn a_request_whose_client_leaves_ends_as_dropped_for_its_user() {
    for http in Http::BOTH {
        let reached = Arc::new(Notify::new());
        let reached_by_the_handler = Arc::clone(&reached);
        let app = Router::new().route(
            "/",
            axum::routing::get(|| async move {
                reached_by_the_handler.notify_one();
                pending::<()>().await;
            }),
        );
        let (_server, mut client, mut ends) = serve(app, http).await;
        let left = async { client.send(request("/", "ada", "r-1")).await };
        tokio::select! {
            _ = left => panic!("there is no response"),
            () = soon(reached.notified()) => {}
        }
        drop(client);
        let end = ends.next().await;
        assert_eq!(
            (end.what(), &*end.user, &*end.id),
            ((EndReason::Dropped, None, 0), "ada", "r-1")
        );
    }
}

#[tokio::test]
async fn a_body_whose_client_leaves_ends_as_dropped_for_its_user() {
    for http in Http::BOTH {
        let endless = || async {
            let frames = stream::iter(["first"]).chain(stream::pending());
            Body::from_stream(frames.map(Ok::<_, Infallible>))
        };
        let app = Router::new().route("/", axum::routing::get(endless));
        let (_server, mut client, mut ends) = serve(app, http).await;
        let mut body = client.send(request("/", "bob", "r-2")).await.into_body();
        let frame = soon(body.frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "first");
        drop((body, client));
        let end = ends.next().await;
        assert_eq!(
            (end.what(), &*end.user, &*end.id),
            ((EndReason::Dropped, Some(200), 5), "bob", "r-2")
        );
    }
}
