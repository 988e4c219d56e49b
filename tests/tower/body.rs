//! The response body is handed on unchanged, and asked, polled and dropped in its context.

use crate::support::Script;
use crate::support::Step;
use crate::support::here;
use crate::support::trusting;
use axum::extract::Request;
use bytes::Bytes;
use http::HeaderMap;
use http::Response;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use http_body_util::Full;
use proptest::prelude::*;
use request_context::RequestContext;
use request_context::tower::NoHook;
use request_context::tower::OnEnd;
use request_context::tower::RequestContextBody;
use std::convert::Infallible;
use std::pin::Pin;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use tokio_test::assert_ready;
use tower::Layer;
use tower::Service;

/// The response of the layer around a service that answers with `body`.
pub(crate) fn wrapped<B: Body + Clone>(body: B) -> Response<RequestContextBody<B>> {
    let request = Request::get("/").header("x-request-id", "r").body(axum::body::Body::empty());
    let service = tower::service_fn(move |_: Request| {
        std::future::ready(Ok::<_, Infallible>(Response::new(body.clone())))
    });
    let response = trusting().layer(service).call(request.unwrap());
    assert_ready!(tokio_test::task::spawn(response).poll()).unwrap()
}

type Polled<B> = Poll<Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>>;

pub(crate) fn poll<B: Body>(body: Pin<&mut B>) -> Polled<B> {
    body.poll_frame(&mut Context::from_waker(Waker::noop()))
}

/// What a frame holds.
#[derive(Debug, PartialEq)]
enum Content {
    Data(Bytes),
    Trailers(HeaderMap),
}

/// A size hint, the end, and what was polled, before and after each poll.
type Observed = (Option<u64>, u64, bool, Option<Poll<Option<Result<Content, &'static str>>>>);

fn observe<B: Body<Data = Bytes, Error = &'static str>>(body: B, polls: usize) -> Vec<Observed> {
    let mut body = pin!(body);
    let mut observed = Vec::new();
    for index in 0..=polls {
        let polled = (index > 0).then(|| {
            poll(body.as_mut()).map(|frame| {
                frame.map(|frame| {
                    frame.map(|frame| match frame.into_data() {
                        Ok(data) => Content::Data(data),
                        Err(frame) => Content::Trailers(frame.into_trailers().unwrap()),
                    })
                })
            })
        });
        let hint = body.size_hint();
        observed.push((hint.upper(), hint.lower(), body.is_end_stream(), polled));
    }
    observed
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::Data("")),
        Just(Step::Data("a")),
        Just(Step::Data("hello")),
        Just(Step::Trailers),
        Just(Step::Error),
        Just(Step::Pending),
    ];
    proptest::collection::vec(step, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn frames_trailers_errors_length_and_end_are_those_of_the_inner_body(
        steps in steps(),
        exactly in proptest::option::of(0..12_u64),
        tells_its_end in any::<bool>(),
    ) {
        let mut bare = Script::new(steps.iter().copied());
        if let Some(bytes) = exactly {
            bare = bare.exactly(bytes);
        }
        if tells_its_end {
            bare = bare.telling_its_end();
        }
        let polls = steps.len() + 2;
        let wrapped = wrapped(bare.clone()).into_body();
        prop_assert_eq!(observe(wrapped, polls), observe(bare, polls));
    }
}

#[test]
fn a_hint_that_is_a_range_stays_that_range() {
    #[derive(Clone)]
    struct Vague;
    impl Body for Vague {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }

        fn size_hint(&self) -> SizeHint {
            let mut hint = SizeHint::new();
            hint.set_lower(3);
            hint.set_upper(9);
            hint
        }
    }
    let hint = wrapped(Vague).into_body().size_hint();
    assert_eq!((hint.lower(), hint.upper()), (3, Some(9)));
}

#[test]
fn status_headers_version_and_extensions_of_the_response_stay() {
    let service = tower::service_fn(|_: Request| async {
        let response = Response::builder().status(418).version(http::Version::HTTP_2);
        let response = response.header("a", "1").header("a", "2").extension(7_u8);
        Ok::<_, Infallible>(response.body(Full::new(Bytes::from("tea"))).unwrap())
    });
    let response = trusting().layer(service).call(Request::new(axum::body::Body::empty()));
    let response = assert_ready!(tokio_test::task::spawn(response).poll()).unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (418, http::Version::HTTP_2));
    assert_eq!(response.headers().get_all("a").iter().collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(response.extensions().get::<u8>(), Some(&7));
    assert_eq!(response.body().size_hint().exact(), Some(3));
}

#[test]
fn method_uri_headers_version_extensions_and_body_of_the_request_stay() {
    let service = tower::service_fn(|request: http::Request<&'static str>| async move {
        let (parts, body) = request.into_parts();
        assert_eq!((parts.method.as_str(), parts.uri.path()), ("PATCH", "/a/b"));
        assert_eq!(parts.version, http::Version::HTTP_2);
        assert_eq!(parts.headers.get_all("a").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(parts.extensions.get::<u8>(), Some(&7));
        assert_eq!(body, "the body, of any type");
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let request = http::Request::patch("/a/b?c").version(http::Version::HTTP_2);
    let request = request.header("a", "1").header("a", "2").extension(7_u8);
    let response = trusting().layer(service).call(request.body("the body, of any type").unwrap());
    assert_ready!(tokio_test::task::spawn(response).poll()).map(drop).unwrap();
}

#[test]
fn every_call_of_the_body_and_its_drop_are_in_the_context() {
    let script = Script::new([Step::Data("a"), Step::Pending, Step::Trailers]);
    let calls = script.calls();
    let mut body = Box::pin(wrapped(script).into_body());
    calls.lock().unwrap().clear();
    let _ = (body.size_hint(), body.is_end_stream());
    for _ in 0..4 {
        let _ = poll(body.as_mut());
    }
    let elsewhere = RequestContext::builder().request_id("elsewhere".parse().unwrap()).build();
    elsewhere.sync_scope(|| {
        drop(body);
        assert_eq!(here(), "elsewhere");
    });
    let calls = calls.lock().unwrap();
    for expected in ["size_hint", "is_end_stream", "poll_frame", "drop"] {
        assert!(calls.contains(&format!("{expected} in r")), "{calls:?}");
    }
    assert!(calls.iter().all(|call| call.ends_with(" in r")), "{calls:?}");
}

#[test]
fn after_a_panic_in_the_body_no_scope_is_left() {
    #[derive(Clone, Debug)]
    struct Panics;
    impl Body for Panics {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            std::panic::resume_unwind(Box::new(here()))
        }
    }
    let mut body = wrapped(Panics).into_body();
    let polled = std::panic::AssertUnwindSafe(|| drop(poll(Pin::new(&mut body))));
    let payload = std::panic::catch_unwind(polled).unwrap_err();
    assert_eq!(*payload.downcast::<String>().unwrap(), "r");
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_default_body_is_the_default_of_the_inner_one_and_tells_no_hook() {
    struct MustNotBeTold;
    impl OnEnd for MustNotBeTold {
        fn on_end(&self, _: &request_context::tower::EndOfRequest) {
            panic!("told of the end of no request");
        }
    }
    let mut body = RequestContextBody::<Full<Bytes>, MustNotBeTold>::default();
    assert!(body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));
    assert!(assert_ready!(poll(Pin::new(&mut body))).is_none());
    drop(body);

    let script = RequestContextBody::<Script, NoHook>::default();
    assert!(!script.is_end_stream());
    assert_eq!(script.size_hint().exact(), None);
}
