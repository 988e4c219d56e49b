//! How a request ended, as hyper and a real client have it: over HTTP/1 and HTTP/2.

use crate::support::Client;
use crate::support::Ends;
use crate::support::Http;
use crate::support::Script;
use crate::support::Server;
use crate::support::Step;
use crate::support::ends;
use crate::support::get;
use crate::support::soon;
use crate::support::text_of;
use crate::support::trusting;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use http::HeaderMap;
use http::Method;
use http::Request;
use http::Response;
use http_body::Body;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::StreamBody;
use http_body_util::combinators::BoxBody;
use hyper::body::Frame;
use hyper::body::Incoming;
use request_context::tower::EndReason::BodyError;
use request_context::tower::EndReason::Complete;
use request_context::tower::EndReason::Dropped;
use request_context::tower::EndReason::ServiceError;
use std::future::pending;
use std::future::ready;
use tower::Layer;

type AnyBody = BoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

fn any(
    body: impl Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
    + Send
    + Sync
    + 'static,
) -> AnyBody {
    body.map_err(Into::into).boxed()
}

/// A server that answers with what `respond` makes of the path.
async fn serve(
    http: Http,
    respond: impl Fn(&str) -> Result<Response<AnyBody>, &'static str> + Clone + Send + 'static,
) -> (Server, Client, Ends) {
    let (hook, ends) = ends();
    let service =
        tower::service_fn(move |request: Request<Incoming>| ready(respond(request.uri().path())));
    let server = Server::start(http, trusting().on_end(hook).layer(service)).await;
    let client = Client::connect(http, server.address).await;
    (server, client, ends)
}

const HELLO: [Step; 3] = [Step::Data("hello "), Step::Pending, Step::Data("world")];

const KINDS: &[&str] = &[
    "unknown length",
    "unknown length, telling its end",
    "known length",
    "known length, telling its end",
    "in one piece",
    "empty",
    "empty, not telling",
    "empty, of length 0, not telling",
    "with a content-length of its own",
    "with trailers",
    "with trailers of http-body-util",
    "large",
];

/// Bodies of each kind, and the bytes that are sent.
fn whole(kind: &str) -> (Response<AnyBody>, u64) {
    let (body, bytes) = match kind {
        "unknown length" | "with a content-length of its own" => (any(Script::new(HELLO)), 11),
        "unknown length, telling its end" => (any(Script::new(HELLO).telling_its_end()), 11),
        "known length" => (any(Script::new(HELLO).exactly(11)), 11),
        "known length, telling its end" => {
            (any(Script::new(HELLO).exactly(11).telling_its_end()), 11)
        }
        "in one piece" => (any(Full::new(Bytes::from("hello"))), 5),
        "empty" => (any(Script::new([]).telling_its_end()), 0),
        "empty, not telling" => (any(Script::new([])), 0),
        "empty, of length 0, not telling" => (any(Script::new([]).exactly(0)), 0),
        "with trailers" => (any(Script::new([Step::Data("hello"), Step::Trailers])), 5),
        "with trailers of http-body-util" => {
            let trailers =
                HeaderMap::from_iter([("digest".parse().unwrap(), "a".parse().unwrap())]);
            (any(Full::new(Bytes::from("hello")).with_trailers(ready(Some(Ok(trailers))))), 5)
        }
        "large" => {
            let frames = stream::repeat(Bytes::from(vec![b'x'; 10_000])).take(100);
            (any(StreamBody::new(frames.map(|data| Ok::<_, &str>(Frame::data(data))))), 1_000_000)
        }
        other => panic!("{other}"),
    };
    let mut response = Response::new(body);
    if kind.starts_with("with a content-length") {
        response.headers_mut().insert("content-length", bytes.into());
    }
    if kind.starts_with("with trailers") {
        response.headers_mut().insert("trailer", "digest".parse().unwrap());
    }
    (response, bytes)
}

/// What is sent in full has ended as complete.
async fn is_complete(kind: &'static str) {
    for http in Http::BOTH {
        let (_server, mut client, mut ends) = serve(http, move |_| Ok(whole(kind).0)).await;
        // Twice on one connection, so that the first request is over for certain.
        for _ in 0..2 {
            let mut request = get("/", "r");
            request.headers_mut().insert("te", "trailers".parse().unwrap());
            let response = client.send(request).await;
            let length = text_of(response.into_body()).await.len() as u64;
            assert_eq!(length, whole(kind).1, "{http:?}");
            let end = ends.next().await;
            assert_eq!(end.what(), (Complete, Some(200), length), "{http:?}");
        }
        assert!(ends.told().is_empty());
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_complete() {
    is_complete("unknown length").await;
    is_complete("unknown length, telling its end").await;
    is_complete("large").await;
}

#[tokio::test]
async fn a_body_of_known_length_is_complete() {
    is_complete("known length").await;
    is_complete("known length, telling its end").await;
    is_complete("in one piece").await;
}

#[tokio::test]
async fn an_empty_body_is_complete() {
    is_complete("empty").await;
    is_complete("empty, not telling").await;
}

#[tokio::test]
async fn an_empty_body_of_known_length_is_complete() {
    is_complete("empty, of length 0, not telling").await;
}

#[tokio::test]
async fn a_stream_behind_a_content_length_of_the_handlers_is_complete() {
    is_complete("with a content-length of its own").await;
}

#[tokio::test]
async fn a_body_with_trailers_is_complete() {
    is_complete("with trailers").await;
    is_complete("with trailers of http-body-util").await;
}

/// Head, body and trailers, apart from the date and the request ID.
async fn on_the_wire(
    client: &mut Client,
    method: &str,
) -> (u16, HeaderMap, Bytes, Option<HeaderMap>) {
    let mut request = get("/", "r");
    *request.method_mut() = method.parse::<Method>().unwrap();
    request.headers_mut().insert("te", "trailers".parse().unwrap());
    let (mut parts, body) = client.send(request).await.into_parts();
    parts.headers.remove("date");
    parts.headers.remove("x-request-id");
    let collected = soon(body.collect()).await.unwrap();
    let trailers = collected.trailers().cloned();
    (parts.status.as_u16(), parts.headers, collected.to_bytes(), trailers)
}

#[tokio::test]
async fn but_for_the_id_the_client_gets_what_it_gets_without_the_layer() {
    for http in Http::BOTH {
        for kind in KINDS {
            let (_server, mut client, _ends) = serve(http, move |_| Ok(whole(kind).0)).await;
            let bare = tower::service_fn(move |_: Request<Incoming>| {
                ready(Ok::<_, &'static str>(whole(kind).0))
            });
            let bare = Server::start(http, bare).await;
            let mut client_of_bare = Client::connect(http, bare.address).await;
            // Hyper does not look at the method over HTTP/2, so a body in answer to HEAD is an error.
            let methods: &[&str] = if http == Http::One { &["GET", "HEAD"] } else { &["GET"] };
            for method in methods {
                let seen = on_the_wire(&mut client, method).await;
                assert_eq!(seen, on_the_wire(&mut client_of_bare, method).await, "{http:?} {kind}");
                if kind.starts_with("known length") {
                    assert_eq!(seen.1["content-length"], "11", "{http:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_answer_to_head_and_those_without_a_body_are_complete() {
    for http in Http::BOTH {
        let respond = |path: &str| {
            let status = path.trim_start_matches('/').parse::<u16>().unwrap();
            // Of a service that leaves it to the server not to send the body.
            Ok(Response::builder().status(status).body(any(Script::new([]).exactly(0))).unwrap())
        };
        let (_server, mut client, mut ends) = serve(http, respond).await;
        for (method, path) in [("HEAD", "/200"), ("HEAD", "/404"), ("GET", "/204"), ("GET", "/304")]
        {
            let mut request = get(path, "r");
            *request.method_mut() = method.parse::<Method>().unwrap();
            let response = client.send(request).await;
            assert_eq!(text_of(response.into_body()).await, "");
            let end = ends.next().await;
            assert_eq!((end.reason, end.bytes), (Complete, 0), "{http:?} {method} {path}");
        }
    }
}

#[tokio::test]
async fn over_http_1_the_body_in_answer_to_head_is_never_polled_and_complete() {
    let script = Script::new(HELLO).exactly(11);
    let calls = script.calls();
    let respond = move |_: &str| Ok(Response::new(any(script.clone())));
    let (_server, mut client, mut ends) = serve(Http::One, respond).await;
    let mut request = get("/", "r");
    *request.method_mut() = Method::HEAD;
    let response = client.send(request).await;
    assert_eq!(response.headers()["content-length"], "11");
    assert_eq!(ends.next().await.what(), (Complete, Some(200), 0));
    assert!(!calls.lock().unwrap().iter().any(|call| call.starts_with("poll_frame")));
}

#[tokio::test]
async fn a_body_that_fails_is_a_body_error() {
    for http in Http::BOTH {
        let steps = [Step::Data("hello"), Step::Pending, Step::Error];
        let respond = move |_: &str| Ok(Response::new(any(Script::new(steps))));
        let (_server, mut client, mut ends) = serve(http, respond).await;
        // Over HTTP/1 the server closes before it has written the head.
        if let Ok(response) = client.try_send(get("/", "r")).await {
            assert!(soon(response.into_body().collect()).await.is_err());
        }
        assert_eq!(ends.next().await.what(), (BodyError, Some(200), 5), "{http:?}");
    }
}

#[tokio::test]
async fn a_service_that_fails_is_a_service_error() {
    for http in Http::BOTH {
        let (_server, mut client, mut ends) = serve(http, |_| Err("failed")).await;
        assert!(client.try_send(get("/", "r")).await.is_err());
        assert_eq!(ends.next().await.what(), (ServiceError, None, 0), "{http:?}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_response_has_dropped_the_request() {
    for http in Http::BOTH {
        let (hook, mut ends) = ends();
        let (called, mut calls) = tokio::sync::mpsc::unbounded_channel();
        let service = tower::service_fn(move |_: Request<Incoming>| {
            called.send(()).unwrap();
            pending::<Result<Response<AnyBody>, &'static str>>()
        });
        let server = Server::start(http, trusting().on_end(hook).layer(service)).await;
        let mut client = Client::connect(http, server.address).await;
        let request =
            crate::support::start(async move { client.try_send(get("/", "r")).await.map(drop) });
        soon(calls.recv()).await.unwrap();
        assert!(ends.told().is_empty());
        request.abort();
        let end = ends.next().await;
        assert_eq!(end.what(), (Dropped, None, 0), "{http:?}");
        assert_eq!(end.id, "r");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_mid_body_has_dropped_the_request() {
    for http in Http::BOTH {
        let respond = |_: &str| {
            let frames = stream::iter([Ok::<_, &str>(Frame::data(Bytes::from("first")))]);
            Ok(Response::new(any(StreamBody::new(frames.chain(stream::pending())))))
        };
        let (_server, mut client, mut ends) = serve(http, respond).await;
        let mut body = client.send(get("/", "r")).await.into_body();
        assert_eq!(soon(body.frame()).await.unwrap().unwrap().into_data().unwrap(), "first");
        assert!(ends.told().is_empty());
        drop((body, client));
        let end = ends.next().await;
        assert_eq!(end.what(), (Dropped, Some(200), 5), "{http:?}");
        assert_eq!(end.id, "r");
    }
}

#[tokio::test]
async fn over_http_2_one_stream_reset_leaves_the_others_alone() {
    let respond = |path: &str| {
        Ok(Response::new(match path {
            "/endless" => any(StreamBody::new(stream::pending::<Result<Frame<Bytes>, &str>>())),
            _ => any(Full::new(Bytes::from("whole"))),
        }))
    };
    let (_server, mut client, mut ends) = serve(Http::Two, respond).await;
    let kept = client.send(get("/endless", "kept")).await;
    let reset = client.send(get("/endless", "reset")).await;
    drop(reset);
    let end = ends.next().await;
    assert_eq!((end.what(), end.id.as_str()), ((Dropped, Some(200), 0), "reset"));
    assert_eq!(text_of(client.send(get("/", "r")).await.into_body()).await, "whole");
    assert_eq!(ends.next().await.what(), (Complete, Some(200), 5));
    assert!(ends.told().is_empty(), "the other stream goes on");
    drop(kept);
    assert_eq!(ends.next().await.id, "kept");
}

#[tokio::test]
async fn a_client_that_goes_away_afterwards_changes_nothing() {
    for http in Http::BOTH {
        let (server, mut client, mut ends) = serve(http, |_| Ok(whole("in one piece").0)).await;
        assert_eq!(text_of(client.send(get("/", "r")).await.into_body()).await, "hello");
        assert_eq!(ends.next().await.what(), (Complete, Some(200), 5));
        drop(client);
        // The server goes on with another client, and has told nothing more of the first.
        let mut client = Client::connect(http, server.address).await;
        assert_eq!(text_of(client.send(get("/", "next")).await.into_body()).await, "hello");
        assert_eq!(ends.next().await.id, "next");
        assert!(ends.told().is_empty());
    }
}
