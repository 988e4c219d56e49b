//! The trace of a request goes on in its calls.

use crate::support::Server;
use crate::support::get;
use crate::support::hyper;
use crate::support::serve;
use axum::Router;
use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Request;
use http::request::Parts;
use http_body_util::Full;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::EndOfRequest;
use request_context::tower::RequestContextLayer;
use request_context::tower::TraceParent;
use request_context::tower::client::ClientBody;
use request_context::tower::client::ClientLayer;
use std::convert::Infallible;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OTHER: &str = "00-11111111111111111111111111111111-2222222222222222-00";

fn headers(headers: &[(&'static str, &str)]) -> HeaderMap {
    let headers = headers.iter();
    headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

fn kept(parent: &str, state: &str) -> RequestContext {
    let headers = headers(&[("traceparent", parent), ("tracestate", state)]);
    RequestContext::builder().insert(TraceParent::of_headers(&headers).unwrap()).build()
}

/// What the layer hands to the client, of the trace: parent and state.
fn sent_by(
    layer: &ClientLayer,
    context: RequestContext,
    set_by_caller: HeaderMap,
) -> (Vec<HeaderValue>, Vec<HeaderValue>) {
    let echo = service_fn(async |request: Request<ClientBody<_>>| Ok::<_, Infallible>(request));
    let mut request = Request::new(Full::<Bytes>::default());
    *request.headers_mut() = set_by_caller;
    let sent = pollster::block_on(context.scope(layer.layer(echo).oneshot(request))).unwrap();
    let all = |name: &str| sent.headers().get_all(name).iter().cloned().collect();
    (all("traceparent"), all("tracestate"))
}

fn values<const N: usize>(values: [&str; N]) -> Vec<HeaderValue> {
    values.map(|value| value.parse().unwrap()).into()
}

/// A server in the middle, whose handler calls `last`; returns its URL.
async fn start_before(last: &Server, layer: RequestContextLayer) -> String {
    let client = ClientLayer::new().layer(hyper());
    let url = last.url.clone();
    let router = Router::new().fallback(async move || {
        client.oneshot(get(&url)).await.unwrap();
    });
    serve(layer.layer(router)).await
}

#[tokio::test]
async fn a_server_in_the_middle_passes_on_the_id_and_the_trace_of_whom_it_trusts() {
    let last = Server::start().await;
    let layer = RequestContextLayer::new()
        .trust_request_id(|parts| parts.headers.contains_key("x-trusted"))
        .trust_trace_parent(|parts| parts.headers.contains_key("x-trusted"));
    let middle = start_before(&last, layer).await;
    let http = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
        .build_http::<Full<Bytes>>();
    let call = async |is_trusted: bool| {
        let mut request = get(&middle);
        *request.headers_mut() =
            headers(&[("traceparent", PARENT), ("tracestate", "a=1"), ("x-request-id", "first")]);
        if is_trusted {
            request.headers_mut().insert("x-trusted", "yes".parse().unwrap());
        }
        http.request(request).await.unwrap();
        last.take_one()
    };

    let seen = call(true).await;
    assert_eq!(seen.request_id.as_str(), "first");
    assert_eq!(seen.header("traceparent"), Some(PARENT));
    assert_eq!(seen.header("tracestate"), Some("a=1"));

    let seen = call(false).await;
    assert_ne!(seen.request_id.as_str(), "first");
    assert_eq!((seen.header("traceparent"), seen.header("tracestate")), (None, None));
}

#[tokio::test]
async fn by_default_no_trace_is_kept() {
    let last = Server::start().await;
    let middle = start_before(&last, RequestContextLayer::new()).await;
    let http = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
        .build_http::<Full<Bytes>>();
    let mut request = get(&middle);
    *request.headers_mut() = headers(&[("traceparent", PARENT), ("tracestate", "a=1")]);
    http.request(request).await.unwrap();
    let seen = last.take_one();
    assert_eq!((seen.header("traceparent"), seen.header("tracestate")), (None, None));
}

#[tokio::test]
async fn the_layer_keeps_its_other_settings_when_a_trace_is_trusted_first() {
    let layer = RequestContextLayer::new()
        .trust_trace_parent(|_| true)
        .on_end(|_: &EndOfRequest| {})
        .authenticate(|_: &Parts| std::future::ready(Authentication::Anonymous))
        .clone();
    let service = layer.layer(service_fn(async |_: Request<Full<Bytes>>| {
        let context = RequestContext::current();
        let kept = context.get::<TraceParent>().unwrap().as_str().to_owned();
        Ok::<_, Infallible>(http::Response::new(kept))
    }));
    let mut request = get("/");
    request.headers_mut().insert("traceparent", PARENT.parse().unwrap());
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(
        http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes(),
        PARENT
    );
}

#[test]
fn only_a_traceparent_that_is_valid_to_the_letter_is_kept() {
    let of = |values: &[&str]| {
        let headers: Vec<_> = values.iter().map(|value| ("traceparent", *value)).collect();
        let mut map = HeaderMap::new();
        map.extend(headers.into_iter().map(|(name, value)| {
            (
                http::HeaderName::from_static(name),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
        }));
        TraceParent::of_headers(&map)
    };
    let kept = of(&[PARENT]).unwrap();
    assert_eq!((kept.as_str(), kept.state()), (PARENT, None));
    assert_eq!(format!("{kept:?}"), format!("TraceParent({PARENT:?})"));
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[PARENT, PARENT]), None);
    let zero_trace = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
    let zero_parent = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", "0".repeat(16));
    for text in [
        "",
        "00",
        &zero_trace,
        &zero_parent,
        &PARENT.to_uppercase(),
        &PARENT.replacen("00-", "ff-", 1),
        &PARENT.replacen("00-", "01-", 1),
        &PARENT.replace('-', "_"),
        &PARENT[..54],
        &format!("{PARENT}-"),
        &format!("{PARENT}0"),
        &PARENT.replace("-01", "-0g"),
        &PARENT.replace("4bf9", "4bg9"),
        &PARENT.replace("00f0", "00F0"),
        &PARENT.replace("00f0", "00é"),
        &format!(" {}", &PARENT[..54]),
    ] {
        assert_eq!(of(&[text]), None, "{text}");
    }
}

#[test]
fn each_place_of_a_traceparent_is_looked_at() {
    for place in 0..PARENT.len() {
        let mut text = PARENT.to_owned();
        text.replace_range(place..=place, "x");
        assert_eq!(TraceParent::of_headers(&headers(&[("traceparent", &text)])), None, "{text}");
    }
}

#[test]
fn a_tracestate_is_joined_bounded_and_never_costs_the_traceparent() {
    let long = "a".repeat(300);
    for (states, kept) in [
        (&["a=1,b=2", "c=3"][..], Some("a=1,b=2,c=3")),
        (&["", "a=1", ""], Some("a=1")),
        (&[""], None),
        (&[&"a".repeat(512)], Some(&*"a".repeat(512))),
        (&[&"a".repeat(513)], None),
        (&[&long, &long], None),
        (&["a=é"], None),
        (&["a=1", "b=é"], None),
    ] {
        let mut map = headers(&[("traceparent", PARENT)]);
        for state in states {
            map.append("tracestate", HeaderValue::from_bytes(state.as_bytes()).unwrap());
        }
        let trace = TraceParent::of_headers(&map).unwrap();
        assert_eq!((trace.as_str(), trace.state()), (PARENT, kept));
    }
    assert_eq!(TraceParent::of_headers(&headers(&[("tracestate", "a=1")])), None);
}

#[test]
fn what_the_caller_has_set_is_the_whole_trace_of_the_call() {
    let layers = [
        ClientLayer::new(),
        ClientLayer::new().propagate(|_, made| {
            made.extend(headers(&[("traceparent", PARENT), ("tracestate", "made=1")]));
        }),
    ];
    for layer in &layers {
        let sent = sent_by(layer, kept(PARENT, "kept=1"), headers(&[("traceparent", OTHER)]));
        assert_eq!(sent, (values([OTHER]), values([])));
        let sent = sent_by(layer, kept(PARENT, "kept=1"), headers(&[("tracestate", "set=1")]));
        assert_eq!(sent, (values([]), values(["set=1"])));
    }
}

#[test]
fn a_propagator_comes_before_what_was_kept_and_the_two_are_not_mixed() {
    let layer = ClientLayer::new().propagate(|_, made| {
        made.insert("traceparent", OTHER.parse().unwrap());
    });
    assert_eq!(
        sent_by(&layer, kept(PARENT, "kept=1"), HeaderMap::new()),
        (values([OTHER]), values([]))
    );

    let silent = ClientLayer::new().propagate(|_, _| {});
    let sent = sent_by(&silent, kept(PARENT, "kept=1"), HeaderMap::new());
    assert_eq!(sent, (values([PARENT]), values(["kept=1"])));
    assert_eq!(sent_by(&silent, RequestContext::new(), HeaderMap::new()), (values([]), values([])));
}

#[tokio::test]
async fn a_propagator_sees_the_context_and_replaces_nothing() {
    let server = Server::start().await;
    let layer = ClientLayer::new().propagate(|context, made| {
        assert!(made.is_empty());
        assert_eq!(context.request_id(), RequestContext::current().request_id());
        made.insert("x-of-request", context.request_id().as_str().parse().unwrap());
        made.insert("x-set", "made".parse().unwrap());
        made.append("baggage", "a=1".parse().unwrap());
        made.append("baggage", "b=2".parse().unwrap());
        made.insert("x-request-id", "made".parse().unwrap());
    });
    let mut request = get(&server.url);
    request.headers_mut().insert("x-set", "set by caller".parse().unwrap());
    let context = RequestContext::new();
    context.clone().scope(layer.layer(hyper()).oneshot(request)).await.unwrap();
    let seen = server.take_one();
    assert_eq!(seen.header("x-of-request"), Some(context.request_id().as_str()));
    assert_eq!(seen.header("x-set"), Some("set by caller"));
    assert_eq!(seen.headers.get_all("baggage").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    assert_eq!(seen.request_id, *context.request_id());
}

#[test]
fn detached_work_stays_in_the_trace() {
    let sent = sent_by(&ClientLayer::new(), kept(PARENT, "a=1").detach(), HeaderMap::new());
    assert_eq!(sent, (values([PARENT]), values(["a=1"])));
}
