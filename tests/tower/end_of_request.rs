//! The hook is told exactly once how a request ended: the order of events decides the reason.

use crate::body::poll;
use crate::support::Ends;
use crate::support::Script;
use crate::support::Step;
use crate::support::ends;
use crate::support::here;
use crate::support::trusting;
use axum::extract::Request;
use http::Response;
use http::StatusCode;
use http::request::Parts;
use http_body::Body;
use http_body::Frame;
use proptest::prelude::*;
use request_context::tower::Authentication;
use request_context::tower::EndOfRequest;
use request_context::tower::EndReason;
use request_context::tower::EndReason::BodyError;
use request_context::tower::EndReason::Complete;
use request_context::tower::EndReason::Dropped;
use request_context::tower::EndReason::NeverPolled;
use request_context::tower::EndReason::Panicked;
use request_context::tower::EndReason::ServiceError;
use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::mpsc;
use std::task::Context;
use std::task::Poll;
use std::time::Instant;
use tokio_test::assert_ready;
use tokio_test::task;
use tower::Layer;
use tower::Service;

fn request(method: &str) -> Request {
    let request = Request::builder().method(method).header("x-request-id", "r");
    request.body(axum::body::Body::empty()).unwrap()
}

/// The response body of the layer around a service that answers with `status` and `script`.
fn respond(method: &str, status: u16, script: Script) -> (impl Body<Data = bytes::Bytes>, Ends) {
    let (hook, ends) = ends();
    let service = tower::service_fn(move |_: Request| {
        let mut response = Response::new(script.clone());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let response = trusting().on_end(hook).layer(service).call(request(method));
    let response = assert_ready!(task::spawn(response).poll()).unwrap();
    (response.into_body(), ends)
}

/// Polls the body so many times and drops it.
fn end_after(polls: usize, method: &str, status: u16, script: Script) -> (EndReason, u64) {
    let (body, mut ends) = respond(method, status, script);
    let mut body = Box::pin(body);
    for _ in 0..polls {
        let _ = poll(body.as_mut());
    }
    drop(body);
    let end = ends.only();
    assert_eq!((end.status, end.id.as_str()), (Some(status), "r"));
    (end.reason, end.bytes)
}

const HELLO: [Step; 3] = [Step::Data("hello "), Step::Pending, Step::Data("world")];

#[test]
fn a_body_polled_to_none_is_complete() {
    assert_eq!(end_after(4, "GET", 200, Script::new(HELLO)), (Complete, 11));
    assert_eq!(end_after(9, "GET", 500, Script::new(HELLO)), (Complete, 11));
    assert_eq!(end_after(1, "GET", 200, Script::new([])), (Complete, 0));
}

#[test]
fn a_body_that_says_after_data_that_it_is_at_its_end_is_complete() {
    let script = || Script::new(HELLO).telling_its_end();
    assert_eq!(end_after(3, "GET", 200, script()), (Complete, 11));
    assert_eq!(end_after(2, "GET", 200, script()), (Dropped, 6));
}

#[test]
fn a_body_of_known_length_is_complete_with_its_last_byte() {
    let script = || Script::new(HELLO).exactly(11);
    assert_eq!(end_after(3, "GET", 200, script()), (Complete, 11));
    assert_eq!(end_after(2, "GET", 200, script()), (Dropped, 6));
}

#[test]
fn a_body_is_complete_with_its_trailers() {
    let script = || Script::new([Step::Data("hello"), Step::Trailers]);
    assert_eq!(end_after(3, "GET", 200, script()), (Complete, 5));
    assert_eq!(end_after(2, "GET", 200, script().telling_its_end()), (Complete, 5));
    assert_eq!(end_after(1, "GET", 200, script()), (Dropped, 5));
}

#[test]
fn a_server_that_stops_asking_after_the_trailers_has_had_it_all() {
    let script = Script::new([Step::Data("hello"), Step::Trailers]);
    assert_eq!(end_after(2, "GET", 200, script), (Complete, 5), "nothing follows trailers");
}

#[test]
fn a_body_that_is_empty_from_the_beginning_is_complete_without_being_polled() {
    assert_eq!(end_after(0, "GET", 200, Script::new([]).telling_its_end()), (Complete, 0));
}

#[test]
fn a_body_of_length_0_is_complete_without_being_polled() {
    assert_eq!(end_after(0, "GET", 200, Script::new([]).exactly(0)), (Complete, 0));
}

#[test]
fn a_body_that_no_one_may_send_is_complete_without_being_polled() {
    for status in [101, 204, 304] {
        assert_eq!(end_after(0, "GET", status, Script::new(HELLO)), (Complete, 0), "{status}");
    }
    for status in [200, 404, 500] {
        assert_eq!(end_after(0, "HEAD", status, Script::new(HELLO)), (Complete, 0), "{status}");
        assert_eq!(end_after(0, "GET", status, Script::new(HELLO)), (Dropped, 0), "{status}");
    }
}

#[test]
fn a_body_that_fails_is_a_body_error_whatever_follows() {
    let steps = [Step::Data("hello"), Step::Error, Step::Data("more")];
    for polls in 2..5 {
        assert_eq!(end_after(polls, "GET", 200, Script::new(steps)), (BodyError, 5));
    }
    assert_eq!(end_after(1, "GET", 200, Script::new([Step::Error])), (BodyError, 0));
}

#[test]
fn a_service_that_fails_has_no_status() {
    let (hook, mut ends) = ends();
    let failing = tower::service_fn(|_: Request| async { Err::<Response<Script>, _>("failed") });
    let call = trusting().on_end(hook).layer(failing).call(request("GET"));
    let mut call = task::spawn(call);
    assert_eq!(assert_ready!(call.poll()).map(drop), Err("failed"));
    let end = ends.only();
    assert_eq!(end.what(), (ServiceError, None, 0));
    assert_eq!(end.id, "r");
    drop(call);
    assert!(ends.told().is_empty());
}

#[test]
fn a_future_dropped_before_and_after_its_first_poll_are_two_things() {
    let never_ready =
        tower::service_fn(|_: Request| pending::<Result<Response<Script>, Infallible>>());
    for (is_polled, reason) in [(false, NeverPolled), (true, Dropped)] {
        let (hook, mut ends) = ends();
        let mut call = task::spawn(trusting().on_end(hook).layer(never_ready).call(request("GET")));
        if is_polled {
            assert!(call.poll().is_pending());
        }
        assert!(ends.told().is_empty());
        drop(call);
        assert_eq!(ends.only().what(), (reason, None, 0));
    }
}

fn panic<T>() -> T {
    std::panic::resume_unwind(Box::new("planted"))
}

#[track_caller]
fn assert_panics<T>(f: impl FnOnce() -> T) {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(f())));
    assert!(caught.is_err());
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_panic_of_the_service_is_told_from_a_dropped_future() {
    type Answer = Result<Response<Script>, Infallible>;
    let (hook, mut ends) = ends();
    let layer = trusting().on_end(hook);
    let in_call = tower::service_fn(|_: Request| panic::<std::future::Ready<Answer>>());
    assert_panics(|| layer.layer(in_call).call(request("GET")));
    assert_eq!(ends.only().what(), (Panicked, None, 0));
    let in_poll = tower::service_fn(|_: Request| async { panic::<Answer>() });
    let mut call = task::spawn(layer.layer(in_poll).call(request("GET")));
    assert_panics(|| call.poll().is_ready());
    drop(call);
    assert_eq!(ends.only().what(), (Panicked, None, 0));
}

#[test]
fn a_panic_of_authentication_or_of_what_makes_the_span_is_one_too() {
    let (hook, mut ends) = ends();
    let never =
        || tower::service_fn(|_: Request| pending::<Result<Response<Script>, Infallible>>());
    let by_none = |_: &Parts| panic::<std::future::Ready<Authentication>>();
    let layer = trusting().on_end(hook.clone()).authenticate(by_none);
    assert_panics(|| layer.layer(never()).call(request("GET")));
    assert_eq!(ends.only().what(), (Panicked, None, 0));
    let by_none = |_: &Parts| async { panic::<Authentication>() };
    let layer = trusting().on_end(hook.clone()).authenticate(by_none);
    let mut call = task::spawn(layer.layer(never()).call(request("GET")));
    assert_panics(|| call.poll().is_ready());
    drop(call);
    assert_eq!(ends.only().what(), (Panicked, None, 0));
    let layer = trusting().on_end(hook).make_span(|_, _| panic());
    assert_panics(|| layer.layer(never()).call(request("GET")));
    assert_eq!(ends.only().what(), (Panicked, None, 0));
}

#[test]
fn a_panic_of_the_body_is_one_too_and_what_was_sent_is_told() {
    struct Panicking(u8);
    impl Body for Panicking {
        type Data = bytes::Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<bytes::Bytes>, Infallible>>> {
            self.0 += 1;
            match self.0 {
                1 => Poll::Ready(Some(Ok(Frame::data(bytes::Bytes::from_static(b"hello"))))),
                2 => Poll::Pending,
                _ => panic(),
            }
        }
    }
    for (polls, reason) in [(1, Dropped), (2, Dropped), (3, Panicked)] {
        let (hook, mut ends) = ends();
        let service = tower::service_fn(|_: Request| {
            std::future::ready(Ok::<_, Infallible>(Response::new(Panicking(0))))
        });
        let call = trusting().on_end(hook).layer(service).call(request("GET"));
        let response = assert_ready!(task::spawn(call).poll()).unwrap();
        let mut body = Box::pin(response.into_body());
        for index in 1..=polls {
            if index == 3 {
                assert_panics(|| poll(body.as_mut()).is_ready());
            } else {
                let _ = poll(body.as_mut());
            }
        }
        drop(body);
        assert_eq!(ends.only().what(), (reason, Some(200), 5), "{polls} polls");
    }
}

#[test]
fn making_layer_service_and_body_tells_nothing() {
    let (hook, mut ends) = ends();
    let layer = trusting().on_end(hook);
    let service = layer.layer(tower::service_fn(|_: Request| async {
        Ok::<_, Infallible>(Response::new(Script::new(HELLO)))
    }));
    let mut clone = service.clone();
    drop((layer, service));
    let mut call = task::spawn(clone.call(request("GET")));
    let response = assert_ready!(call.poll()).unwrap();
    drop((call, clone));
    assert!(ends.told().is_empty());
    drop(response);
    assert_eq!(ends.only().what(), (Dropped, Some(200), 0));
}

#[test]
fn it_is_told_after_the_body_was_dropped_or_before_that_if_the_body_is_complete() {
    for (polls, is_dropped_before) in [(0, true), (1, true), (4, false)] {
        let script = Script::new(HELLO);
        let calls = script.calls();
        let (tell, told) = mpsc::channel();
        let hook = move |_: &EndOfRequest| {
            tell.send(calls.lock().unwrap().iter().any(|call| call == "drop in r")).unwrap();
        };
        let service = tower::service_fn(move |_: Request| {
            std::future::ready(Ok::<_, Infallible>(Response::new(script.clone())))
        });
        let call = trusting().on_end(hook).layer(service).call(request("GET"));
        let response = assert_ready!(task::spawn(call).poll()).unwrap();
        let mut body = Box::pin(response.into_body());
        for _ in 0..polls {
            let _ = poll(body.as_mut());
        }
        drop(body);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [is_dropped_before], "{polls} polls");
    }
}

#[test]
fn the_duration_is_from_the_call_to_the_end() {
    let (hook, mut ends) = ends();
    let called = Arc::new(OnceLock::new());
    let calling = Arc::clone(&called);
    let service = tower::service_fn(move |_: Request| {
        calling.set(Instant::now()).unwrap();
        std::future::ready(Ok::<_, Infallible>(Response::new(Script::new(HELLO))))
    });
    let before = Instant::now();
    let call = trusting().on_end(hook).layer(service).call(request("GET"));
    let response = assert_ready!(task::spawn(call).poll()).unwrap();
    let at_least = called.get().unwrap().elapsed();
    drop(response);
    let at_most = before.elapsed();
    let duration = ends.only().duration;
    assert!(at_least <= duration && duration <= at_most, "{at_least:?} {duration:?} {at_most:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The model: the first of these events decides.
    #[test]
    fn whatever_the_body_does_the_hook_is_told_once_and_as_the_model_says(
        steps in proptest::collection::vec(
            prop_oneof![
                4 => Just(Step::Data("a")),
                2 => Just(Step::Data("hello")),
                1 => Just(Step::Data("")),
                1 => Just(Step::Trailers),
                1 => Just(Step::Error),
                2 => Just(Step::Pending),
            ],
            0..8,
        ),
        has_length in any::<bool>(),
        tells_its_end in any::<bool>(),
        polls in 0..10_usize,
    ) {
        let length = steps.iter().map(|step| match step {
            Step::Data(text) => text.len() as u64,
            _ => 0,
        }).sum::<u64>();
        // A length of 0 has a test of its own.
        let has_length = has_length && length > 0;
        let mut script = Script::new(steps.iter().copied());
        if has_length {
            script = script.exactly(length);
        }
        if tells_its_end {
            script = script.telling_its_end();
        }

        let mut bytes = 0;
        let mut reason = None;
        for index in 0..polls {
            match steps.get(index) {
                None | Some(Step::Trailers) => reason = Some(Complete),
                Some(Step::Error) => reason = Some(BodyError),
                Some(Step::Pending) => {}
                Some(Step::Data(text)) => {
                    bytes += text.len() as u64;
                    let is_last = tells_its_end && index + 1 == steps.len();
                    if is_last {
                        reason = Some(Complete);
                    }
                }
            }
            if reason.is_some() {
                break;
            }
        }
        // With all bytes there, the server need not ask again; if it does, the rest counts.
        let has_all = has_length && bytes == length;
        let is_empty = tells_its_end && steps.is_empty();
        let reason = reason.unwrap_or(if is_empty || has_all { Complete } else { Dropped });
        prop_assert_eq!(end_after(polls, "GET", 200, script), (reason, bytes));
    }
}

#[test]
fn a_body_that_is_pending_is_not_over() {
    let (body, mut ends) = respond("GET", 200, Script::new([Step::Pending, Step::Data("a")]));
    let mut body = Box::pin(body);
    assert!(matches!(poll(body.as_mut()), Poll::Pending));
    assert!(matches!(poll(body.as_mut()), Poll::Ready(Some(Ok(_)))));
    assert!(ends.told().is_empty());
}

#[test]
fn a_response_without_a_body_is_complete_also_if_something_reads_a_frame_of_it() {
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        let script = Script::new([Step::Data("x"), Step::Data("y")]);
        let (body, mut ends) = respond(method, status, script);
        let mut body = Box::pin(body);
        assert!(assert_ready!(poll(body.as_mut())).is_some());
        drop(body);
        assert_eq!(ends.only().reason, Complete, "{method} {status}");
    }
}
