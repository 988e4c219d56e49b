//! The request ID: made, or taken from whom it may be taken, and on every response.

use crate::support::here;
use crate::support::text_of;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::get;
use http::HeaderName;
use http::HeaderValue;
use http::StatusCode;
use proptest::prelude::*;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::tower::RequestContextLayer;
use std::collections::BTreeSet;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;

const HEADER: &str = "x-request-id";

/// Answers with the ID in the context and those in the headers of the request.
fn app() -> Router {
    let answer = |request: Request| async move {
        let headers = request.headers().get_all(HEADER).iter();
        let headers = headers.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        format!("{} {:?}", here(), headers.collect::<Vec<_>>())
    };
    Router::new()
        .route("/", get(answer))
        .route("/own", get(|| async { ([(HEADER, "the handler's own")], "") }))
}

/// What became of one request.
struct Seen {
    /// The header of the response.
    echoed: String,
    in_context: String,
    in_headers: String,
}

async fn ask(layer: &RequestContextLayer, ids: &[&[u8]]) -> Seen {
    let mut request = Request::new(Body::empty());
    for id in ids {
        request.headers_mut().append(HEADER, HeaderValue::from_bytes(id).unwrap());
    }
    let response = layer.layer(app()).oneshot(request).await.unwrap();
    let mut echoed = response.headers().get_all(HEADER).iter();
    let echoed = match (echoed.next(), echoed.next()) {
        (Some(only), None) => only.to_str().unwrap().to_owned(),
        other => panic!("{other:?}"),
    };
    let text = text_of(response.into_body()).await;
    let (in_context, in_headers) = text.split_once(' ').unwrap();
    Seen { echoed, in_context: in_context.into(), in_headers: in_headers.into() }
}

/// The ID was made here: none that came in.
#[track_caller]
fn assert_fresh(id: &str) {
    // RFC 9562, version 4.
    let shape: String = id.chars().map(|c| if c == '-' { '-' } else { 'x' }).collect();
    assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "{id}");
    assert_eq!(&id[14..15], "4", "{id}");
    assert!(id.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
}

/// The incoming IDs were replaced, everywhere, and counted.
async fn assert_replaced(layer: RequestContextLayer, ids: &[&[u8]]) {
    let seen = ask(&layer, ids).await;
    assert_fresh(&seen.echoed);
    assert_eq!(seen.in_context, seen.echoed);
    assert_eq!(seen.in_headers, format!("[{:?}]", seen.echoed), "nobody further in takes it");
    assert_eq!(layer.replaced_request_ids(), 1);
}

async fn assert_taken(layer: RequestContextLayer, id: &str) {
    let seen = ask(&layer, &[id.as_bytes()]).await;
    assert_eq!(seen.echoed, id);
    assert_eq!(seen.in_context, id);
    assert_eq!(seen.in_headers, format!("[{id:?}]"));
    assert_eq!(layer.replaced_request_ids(), 0);
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn trusting() -> RequestContextLayer {
    RequestContextLayer::new().trust_request_id(|_| true)
}

#[tokio::test]
async fn one_is_made_by_default() {
    for layer in [RequestContextLayer::new(), RequestContextLayer::default(), trusting()] {
        let seen = ask(&layer, &[]).await;
        assert_fresh(&seen.echoed);
        assert_eq!(seen.in_context, seen.echoed);
        assert_eq!(layer.replaced_request_ids(), 0, "there was nothing to replace");
    }
}

#[tokio::test]
async fn each_request_has_its_own() {
    let mut app = RequestContextLayer::new().layer(app());
    let requests = (0..1000).map(|_| app.call(Request::new(Body::empty())));
    let responses = futures::future::join_all(requests.collect::<Vec<_>>()).await;
    let ids = responses.into_iter().map(|response| response.unwrap().headers()[HEADER].clone());
    let ids: BTreeSet<_> = ids.map(|id| id.to_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 1000);
}

#[tokio::test]
async fn an_incoming_one_is_replaced_and_counted() {
    assert_replaced(RequestContextLayer::new(), &[b"from-outside"]).await;
    // Also one of the form that we make.
    let id = RequestId::new();
    assert_replaced(RequestContextLayer::new(), &[id.as_str().as_bytes()]).await;
}

#[tokio::test]
async fn a_legal_one_of_a_trusted_peer_is_taken() {
    let longest = "x".repeat(128);
    for id in ["a", "0", "-", "_", ".", "01J9-edge.7_B", longest.as_str()] {
        assert_taken(trusting(), id).await;
    }
}

#[tokio::test]
async fn an_illegal_one_of_a_trusted_peer_is_replaced_and_counted() {
    let too_long = "x".repeat(129);
    let huge = "x".repeat(100_000);
    let illegal: &[&[u8]] = &[
        b"",
        b" ",
        b"two words",
        b"a\tb",
        b"a,b",
        b"a;b",
        b"a/b",
        b"../../etc/passwd",
        b"%0d%0aset-cookie:a=b",
        b"\"},{\"user\":\"admin",
        b"{a}",
        b"it's",
        b"<script>",
        b"$(id)",
        b"a\\nb",
        b"\xff\xfe",
        b"a\x80b",
        // CSI, as one byte of C1, begins a terminal command.
        b"\x9b31m",
        "\u{202e}abc".as_bytes(),
        "é".as_bytes(),
        "٣".as_bytes(),
        too_long.as_bytes(),
        huge.as_bytes(),
    ];
    for id in illegal {
        assert_replaced(trusting(), &[id]).await;
    }
}

#[tokio::test]
async fn two_of_a_trusted_peer_are_replaced_and_counted_once() {
    assert_replaced(trusting(), &[b"first", b"second"]).await;
    assert_replaced(trusting(), &[b"same", b"same"]).await;
    assert_replaced(trusting(), &[b"legal", b""]).await;
    assert_replaced(RequestContextLayer::new(), &[b"first", b"second", b"third"]).await;
}

#[tokio::test]
async fn who_is_trusted_is_asked_for_each_request() {
    #[derive(Clone)]
    struct Peer(&'static str);
    let layer = RequestContextLayer::new().trust_request_id(|parts| {
        parts.extensions.get::<Peer>().is_some_and(|peer| peer.0 == "the proxy")
    });
    for (peer, is_taken) in [("the proxy", true), ("anyone", false)] {
        let request = Request::get("/").header(HEADER, "given").extension(Peer(peer));
        let request = request.body(Body::empty()).unwrap();
        let response = layer.layer(app()).oneshot(request).await.unwrap();
        assert_eq!(response.headers()[HEADER] == "given", is_taken);
    }
    assert_eq!(layer.replaced_request_ids(), 1);
}

#[tokio::test]
async fn the_count_is_of_all_clones() {
    let layer = RequestContextLayer::new();
    let mut service = layer.clone().layer(app());
    let asked =
        |builder: http::request::Builder| builder.header(HEADER, "x").body(Body::empty()).unwrap();
    for _ in 0..3 {
        service.call(asked(Request::get("/"))).await.unwrap();
        service.clone().oneshot(asked(Request::get("/"))).await.unwrap();
    }
    assert_eq!(layer.replaced_request_ids(), 6);
}

#[tokio::test]
async fn the_header_can_be_another_one() {
    let header = HeaderName::from_static("x-correlation-id");
    let layer = trusting().request_id_header(header.clone());
    let request = Request::get("/").header(&header, "correlated").header(HEADER, "not asked for");
    let response = layer.layer(app()).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()[&header], "correlated");
    assert!(!response.headers().contains_key(HEADER));
    assert_eq!(text_of(response.into_body()).await, r#"correlated ["not asked for"]"#);
    assert_eq!(layer.replaced_request_ids(), 0);
}

#[tokio::test]
async fn a_header_that_the_handler_set_wins() {
    let layer = trusting();
    let request = Request::get("/own").header(HEADER, "given").body(Body::empty()).unwrap();
    let response = layer.layer(app()).oneshot(request).await.unwrap();
    let ids: Vec<_> = response.headers().get_all(HEADER).iter().collect();
    assert_eq!(ids, ["the handler's own"]);
}

#[tokio::test]
async fn what_a_trusted_middleware_further_out_set_is_taken() {
    let inner = trusting().layer(app());
    let outer = tower::ServiceBuilder::new()
        .map_request(|mut request: Request| {
            request.headers_mut().insert(HEADER, HeaderValue::from_static("set-outside"));
            request
        })
        .service(inner);
    let request = Request::get("/").header(HEADER, "given").body(Body::empty()).unwrap();
    let response = outer.oneshot(request).await.unwrap();
    assert_eq!(text_of(response.into_body()).await, r#"set-outside ["set-outside"]"#);
}

#[tokio::test]
async fn it_is_on_a_response_of_every_status() {
    for code in 200..=599 {
        let status = StatusCode::from_u16(code).unwrap();
        let app = Router::new().route("/", get(move || async move { status.into_response() }));
        let request = Request::get("/").header(HEADER, "given").body(Body::empty()).unwrap();
        let response = trusting().layer(app).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[HEADER], "given", "{status}");
    }
}

#[tokio::test]
async fn it_is_on_what_the_router_answers_by_itself() {
    for (method, path, status) in [("GET", "/nowhere", 404), ("DELETE", "/", 405)] {
        let request = Request::builder().method(method).uri(path).header(HEADER, "given");
        let request = request.body(Body::empty()).unwrap();
        let response = trusting().layer(app()).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[HEADER], "given");
    }
}

#[tokio::test]
async fn in_a_request_that_fails_it_is_in_the_context_of_the_hook() {
    let (hook, mut ends) = crate::support::ends();
    let failing = tower::service_fn(|_: Request| async {
        Err::<http::Response<Body>, _>(RequestContext::current().request_id().to_string())
    });
    let id = trusting().on_end(hook).layer(failing).oneshot(Request::new(Body::empty())).await;
    assert_eq!(id.unwrap_err(), ends.only().id);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_the_id_is_that_or_a_fresh_one(
        value in proptest::collection::vec(any::<u8>(), 0..140),
        word in "[A-Za-z0-9._ -]{0,130}",
    ) {
        for bytes in [value.as_slice(), word.as_bytes()] {
            if HeaderValue::from_bytes(bytes).is_err() {
                continue;
            }
            let is_legal = (1..=128).contains(&bytes.len())
                && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b));
            let layer = trusting();
            let seen = current_thread().block_on(ask(&layer, &[bytes]));
            prop_assert_eq!(layer.replaced_request_ids(), u64::from(!is_legal));
            prop_assert_eq!(&seen.in_context, &seen.echoed);
            if is_legal {
                prop_assert_eq!(seen.echoed.as_bytes(), bytes);
            } else {
                assert_fresh(&seen.echoed);
            }
        }
    }
}
