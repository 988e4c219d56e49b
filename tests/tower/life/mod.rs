//! Each stage of a request's life, over real sockets: which of them run in the context of the
//! request, with the layer, and with a scope around the handler's future alone.

mod app;
mod places;

use self::app::Below;
use self::app::router;
use self::places::Place;
use self::places::Places;
use crate::support::Client;
use crate::support::Http;
use crate::support::Naive;
use crate::support::Server;
use crate::support::get;
use crate::support::logged;
use crate::support::soon;
use crate::support::start;
use crate::support::text_of;
use crate::support::trusting;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use bytes::Buf;
use bytes::Bytes;
use http::Method;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::error::Error;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::Layer;
use tower::Service;

use self::Place::Both;
use self::Place::In;
use self::Place::Out;

/// The stage, where it runs in a scope around the future alone, and where with the layer.
const TABLE: &[(&str, Place, Place)] = &[
    // The service is asked before there is a request.
    ("poll_ready of a middleware below", Out, Out),
    ("call of a middleware below", Out, In),
    ("extractor", In, In),
    ("handler's poll", In, In),
    ("conversion into a response", In, In),
    ("drop of the handler's locals", In, In),
    ("drop of the handler's locals, client gone", In, In),
    ("chunk of the request body", In, In),
    ("body's poll_frame", Out, In),
    ("body's is_end_stream", Out, In),
    ("body's size_hint", Both, In),
    ("drop of the body, ended", Out, In),
    ("drop of the body, client gone", Out, In),
    ("drop of the body, empty and never polled", Out, In),
    // Axum itself drops it, within the handler's future.
    ("drop of the body, answer to HEAD", In, In),
    ("event of a stream", Out, In),
    ("drop of a stream's locals", Out, In),
    // What no layer can see: that is what the verb that carries is for.
    ("plain tokio::spawn", Out, Out),
    ("plain spawn_blocking", Out, Out),
    ("plain JoinSet::spawn", Out, Out),
    ("plain std::thread::spawn", Out, Out),
    ("request_context::spawn", In, In),
    ("request_context::spawn_blocking", In, In),
];

const SHUTDOWN_TABLE: &[(&str, Place, Place)] =
    &[("event of a stream", Out, In), ("drop of a stream's locals", Out, In)];

async fn live<S, B>(http: Http, places: &Places, wrap: impl FnOnce(Below<Router>) -> S)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>> + 'static,
    B: http_body::Body<Data: Buf + Send> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let server = Server::start(http, wrap(Below::new(router(places), places))).await;
    let mut client = Client::connect(http, server.address).await;
    for (path, answer) in [
        ("plain", "done"),
        ("body", "frameframe"),
        ("empty", ""),
        ("sse", "data: 0\n\ndata: 1\n\n"),
    ] {
        let response = client.send(get(&format!("/{path}"), path)).await;
        assert_eq!(text_of(response.into_body()).await, answer);
    }
    let mut head = get("/head", "head");
    *head.method_mut() = Method::HEAD;
    assert_eq!(text_of(client.send(head).await.into_body()).await, "");
    let mut upload = get("/upload", "upload");
    *upload.method_mut() = Method::POST;
    *upload.body_mut() = Bytes::from_static(b"five!").into();
    assert_eq!(text_of(client.send(upload).await.into_body()).await, "5");

    let mut body = client.send(get("/endless", "endless")).await.into_body();
    soon(body.frame()).await.unwrap().unwrap();
    drop((body, client));
    places.seen("drop of the body, client gone").await;

    let mut client = Client::connect(http, server.address).await;
    let waiting = start(async move { client.try_send(get("/slow", "slow")).await.map(drop) });
    places.seen("the slow handler").await;
    waiting.abort();
    places.seen("drop of the handler's locals, client gone").await;
    places.seen("drop of the body, empty and never polled").await;
}

/// The stream is asked for its events after the server was told to stop.
async fn shut_down<S>(http: Http, places: &Places, wrap: impl FnOnce(Below<Router>) -> S)
where
    S: Service<axum::extract::Request, Response = Response, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let app = Router::new().fallback_service(wrap(Below::new(router(places), places)));
    let server = axum::serve(listener, app).with_graceful_shutdown(async { drop(stopped.await) });
    let server = start(async { server.await.unwrap() });
    let mut client = Client::connect(http, address).await;
    let response = client.send(get("/sse-on-demand", "sse-on-demand")).await;
    stop.send(()).unwrap();
    // No new connection is taken any more, so the server has heard of it.
    places.demand_until_refused(address).await;
    let text = text_of(response.into_body()).await;
    assert_eq!(text, "data: 0\n\ndata: 1\n\n", "all events are delivered");
    drop(client);
    soon(server).await.unwrap();
}

fn boxed<S, B>(
    service: S,
) -> impl Service<axum::extract::Request, Response = Response, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static
where
    S: Service<axum::extract::Request, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error = axum::Error> + Send + 'static,
{
    tower::ServiceBuilder::new()
        .map_response(|response: Response<B>| response.map(Body::new))
        .service(service)
}

#[tokio::test]
async fn with_the_layer_each_stage_runs_in_the_context_and_span_of_its_request() {
    let (_, _guard) = logged();
    for http in Http::BOTH {
        let places = Places::default();
        live(http, &places, |app| trusting().layer(app)).await;
        places.assert(TABLE, |(_, _, with_the_layer)| *with_the_layer);
    }
}

#[tokio::test]
async fn with_a_scope_around_the_future_alone_the_same_test_finds_the_gaps() {
    let (_, _guard) = logged();
    for http in Http::BOTH {
        let places = Places::default();
        live(http, &places, Naive).await;
        places.assert(TABLE, |(_, naive, _)| *naive);
    }
}

#[tokio::test]
async fn a_stream_that_outlives_the_shutdown_signal_stays_in_its_context() {
    let (_, _guard) = logged();
    for http in Http::BOTH {
        let places = Places::default();
        shut_down(http, &places, |app| boxed(trusting().layer(app))).await;
        places.assert(SHUTDOWN_TABLE, |(_, _, with_the_layer)| *with_the_layer);
        let places = Places::default();
        shut_down(http, &places, Naive).await;
        places.assert(SHUTDOWN_TABLE, |(_, naive, _)| *naive);
    }
}
