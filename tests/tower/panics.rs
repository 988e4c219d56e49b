//! Code of the user that panics: what it leaves is dropped in the context, and the hook is told.

use crate::support::ends;
use crate::support::here;
use crate::support::trusting;
use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http::Response;
use http::request::Parts;
use http_body::Frame;
use http_body::SizeHint;
use request_context::tower::Authentication;
use request_context::tower::EndReason;
use request_context::tower::RequestContextLayer;
use std::convert::Infallible;
use std::future::Ready;
use std::future::pending;
use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Context;
use std::task::Poll;
use tokio_test::task;
use tower::Layer;
use tower::Service;

type Log = Arc<Mutex<Vec<String>>>;

fn take(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().unwrap())
}

struct Noting(&'static str, Log);
impl Drop for Noting {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(format!("{} in {}", self.0, here()));
    }
}

fn noting_request(log: &Log) -> http::Request<Noting> {
    http::Request::get("/")
        .header("x-request-id", "r")
        .extension(Arc::new(Noting("extension", Arc::clone(log))))
        .body(Noting("body", Arc::clone(log)))
        .unwrap()
}
fn any() -> impl Service<
    http::Request<Noting>,
    Response = Response<Body>,
    Error = Infallible,
    Future = Ready<Result<Response<Body>, Infallible>>,
> + Clone {
    tower::service_fn(|_: http::Request<Noting>| ready(Ok(Response::default())))
}

struct SizePanics(Log, u32, AtomicU32);
impl http_body::Body for SizePanics {
    type Data = Bytes;
    type Error = Infallible;
    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
    fn size_hint(&self) -> SizeHint {
        if self.2.fetch_add(1, SeqCst) == self.1 {
            resume_unwind(Box::new("planted"))
        }
        SizeHint::default()
    }
}
impl Drop for SizePanics {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(format!("body in {}", here()));
    }
}

struct BadDrop;
impl Drop for BadDrop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            resume_unwind(Box::new("planted"))
        }
    }
}

struct ClonePanics;
impl Clone for ClonePanics {
    fn clone(&self) -> Self {
        resume_unwind(Box::new("planted"))
    }
}
impl Service<Request> for ClonePanics {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
    fn call(&mut self, _: Request) -> Self::Future {
        ready(Ok(Response::default()))
    }
}

#[test]
fn the_request_is_dropped_inside_if_the_authenticator_panics() {
    let log = Log::default();
    let (hook, mut ends) = ends();
    let panics = |_: &Parts| -> Ready<Authentication> { resume_unwind(Box::new("planted")) };
    let mut service = trusting().authenticate(panics).on_end(hook).layer(any());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(service.call(noting_request(&log))))).is_err());
    assert_eq!(ends.only().reason, EndReason::Panicked);
    let mut all = take(&log);
    all.sort();
    assert_eq!(all, ["body in r", "extension in r"]);
}

#[test]
fn the_request_is_dropped_inside_if_the_span_cannot_be_made() {
    let log = Log::default();
    let (hook, mut ends) = ends();
    let mut service =
        trusting().make_span(|_, _| resume_unwind(Box::new("planted"))).on_end(hook).layer(any());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(service.call(noting_request(&log))))).is_err());
    assert_eq!(ends.only().reason, EndReason::Panicked);
    let mut all = take(&log);
    all.sort();
    assert_eq!(all, ["body in r", "extension in r"]);
}

#[test]
fn the_answer_is_dropped_inside_if_the_service_cannot_be_cloned() {
    let log = Log::default();
    let of = Arc::clone(&log);
    let (hook, mut ends) = ends();
    let auth = move |_: &Parts| {
        let held = Noting("answer", Arc::clone(&of));
        async move {
            let _held = held;
            pending::<Authentication>().await
        }
    };
    let mut service = trusting().authenticate(auth).on_end(hook).layer(ClonePanics);
    let request = Request::get("/").header("x-request-id", "r").body(Body::empty()).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(service.call(request)))).is_err());
    assert_eq!(ends.only().reason, EndReason::Panicked);
    assert_eq!(take(&log), ["answer in r"]);
}

#[test]
fn the_body_is_dropped_inside_if_its_size_hint_panics_when_it_comes() {
    let log = Log::default();
    let (hook, mut ends) = ends();
    let of = Arc::clone(&log);
    let service = tower::service_fn(move |_: Request| {
        ready(Ok::<_, Infallible>(Response::new(SizePanics(
            Arc::clone(&of),
            0,
            Default::default(),
        ))))
    });
    let request = Request::get("/").header("x-request-id", "r").body(Body::empty()).unwrap();
    let mut call = task::spawn(trusting().on_end(hook).layer(service).call(request));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(call.poll()))).is_err());
    drop(call);
    assert_eq!(ends.only().reason, EndReason::Panicked);
    assert_eq!(take(&log), ["body in r"]);
}

#[test]
fn a_size_hint_that_panics_when_the_server_asks_is_told() {
    let (hook, mut ends) = ends();
    let service = tower::service_fn(move |_: Request| {
        ready(Ok::<_, Infallible>(Response::new(SizePanics(Log::default(), 1, Default::default()))))
    });
    let request = Request::get("/").header("x-request-id", "r").body(Body::empty()).unwrap();
    let mut call = task::spawn(trusting().on_end(hook).layer(service).call(request));
    let Poll::Ready(Ok(response)) = call.poll() else { panic!("no response") };
    use http_body::Body as _;
    assert!(catch_unwind(AssertUnwindSafe(|| response.body().size_hint())).is_err());
    drop(response);
    assert_eq!(ends.only().reason, EndReason::Panicked);
}

#[test]
fn the_hook_is_told_if_the_request_cannot_be_trusted() {
    let (hook, mut ends) = ends();
    let request = Request::get("/").header("x-request-id", "r").body(Body::empty()).unwrap();
    let service = tower::service_fn(move |_: Request| {
        ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    });
    let mut service = RequestContextLayer::new()
        .trust_request_id(|_| resume_unwind(Box::new("planted")))
        .on_end(hook)
        .layer(service);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(service.call(request)))).is_err());
    assert_eq!(ends.only().reason, EndReason::Panicked);
}

#[test]
fn a_request_that_panics_as_it_is_refused_is_told() {
    let (hook, mut ends) = ends();
    let service = tower::service_fn(|_: http::Request<BadDrop>| {
        ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    });
    let mut service = trusting()
        .authenticate(|_: &Parts| ready(Authentication::rejected()))
        .on_end(hook)
        .layer(service);
    let mut call = task::spawn(service.call(http::Request::new(BadDrop)));
    let polled = catch_unwind(AssertUnwindSafe(|| drop(call.poll())));
    assert!(polled.is_err());
    drop(call);
    assert_eq!(ends.only().reason, EndReason::Panicked);
}
