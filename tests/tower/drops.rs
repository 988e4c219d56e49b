//! What is dropped before it was called or answered is dropped in the context, before the hook is told.

use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::identity;
use crate::support::trusting;
use axum::extract::Request;
use http::Response;
use http::request::Parts;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::EndOfRequest;
use std::convert::Infallible;
use std::future::Ready;
use std::future::pending;
use std::future::ready;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;
use tokio_test::assert_ready;
use tokio_test::task;
use tower::Layer;
use tower::Service;

/// Where things were dropped, in order.
#[derive(Clone, Default)]
struct Drops(Arc<Mutex<Vec<String>>>);

impl Drops {
    fn note(&self, what: &str) {
        self.0.lock().unwrap().push(format!("{what} in {}", here()));
    }

    fn all(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn noting(&self, what: &'static str) -> NotesItsDrop {
        NotesItsDrop(what, self.clone())
    }

    /// With a body that notes its drop, and an extension that does.
    fn request(&self, authorization: &[&str]) -> http::Request<NotesItsDrop> {
        let extension = Arc::new(self.noting("extension"));
        let mut request = Request::get("/").header("x-request-id", "r").extension(extension);
        for value in authorization {
            request = request.header("authorization", *value);
        }
        request.body(self.noting("body")).unwrap()
    }
}

struct NotesItsDrop(&'static str, Drops);

impl Drop for NotesItsDrop {
    fn drop(&mut self) {
        self.1.note(self.0);
    }
}

/// A service of which the clone that is called is told from the one that stays.
struct Inner(#[expect(dead_code, reason = "held to be dropped")] Option<NotesItsDrop>);

impl Inner {
    fn of(drops: &Drops) -> Self {
        Self(Some(drops.noting("service")))
    }
}

impl Clone for Inner {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl Service<http::Request<NotesItsDrop>> for Inner {
    type Response = Response<axum::body::Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<NotesItsDrop>) -> Self::Future {
        drop(request);
        ready(Ok(Response::default()))
    }
}

fn hook(drops: &Drops) -> impl Fn(&EndOfRequest) + Send + Sync + 'static {
    let drops = drops.clone();
    move |_: &EndOfRequest| drops.note("hook")
}

#[test]
fn a_request_that_waits_for_authentication_and_the_service_it_waits_for() {
    for is_polled in [false, true] {
        let drops = Drops::default();
        let never = |_: &Parts| pending::<Authentication>();
        let layer = trusting().authenticate(never).on_end(hook(&drops));
        let call = layer.layer(Inner::of(&drops)).call(drops.request(&[]));
        let mut call = task::spawn(call);
        assert!(drops.all().is_empty());
        if is_polled {
            assert!(call.poll().is_pending());
        }
        drop(call);
        let mut dropped = drops.all();
        assert_eq!(dropped.pop().unwrap(), "hook in r");
        dropped.sort();
        assert_eq!(dropped, ["body in r", "extension in r", "service in r"]);
    }
}

#[test]
fn a_request_that_is_refused() {
    let rejected = |_: &Parts| ready(Authentication::rejected());
    let unavailable = |_: &Parts| ready(Authentication::Unavailable);
    for is_rejected in [false, true] {
        let drops = Drops::default();
        let layer = trusting().on_end(hook(&drops));
        let service = Inner::of(&drops);
        let response = if is_rejected {
            let call = layer.authenticate(rejected).layer(service).call(drops.request(&[]));
            assert_ready!(task::spawn(call).poll()).unwrap()
        } else {
            let call = layer.authenticate(unavailable).layer(service).call(drops.request(&[]));
            assert_ready!(task::spawn(call).poll()).unwrap()
        };
        drop(response);
        let mut dropped = drops.all();
        assert_eq!(dropped.pop().unwrap(), "hook in r");
        dropped.sort();
        assert_eq!(dropped, ["body in r", "extension in r", "service in r"]);
    }
}

#[test]
fn a_request_that_is_refused_without_asking() {
    let drops = Drops::default();
    let mut service = trusting().authenticate(by_token).layer(Inner::of(&drops));
    let call = service.call(drops.request(&["Bearer ada", "Bearer bob"]));
    let response = assert_ready!(task::spawn(call).poll()).unwrap();
    assert_eq!(response.status(), 401);
    let mut dropped = drops.all();
    dropped.sort();
    assert_eq!(dropped, ["body in r", "extension in r"], "the service was not for this request");
}

#[test]
fn the_clone_of_the_service_that_was_called() {
    let drops = Drops::default();
    let mut service = trusting().authenticate(by_token).layer(Inner::of(&drops));
    let mut call = task::spawn(service.call(drops.request(&["Bearer ada"])));
    assert_ready!(call.poll()).unwrap();
    let mut dropped = drops.all();
    dropped.sort();
    assert_eq!(dropped, ["body in r", "extension in r", "service in r"]);
}

#[test]
fn what_the_inner_future_holds_before_its_end_and_when_it_is_there() {
    for polls in 0..3 {
        let drops = Drops::default();
        let of_inner = drops.clone();
        let service = tower::service_fn(move |_: http::Request<NotesItsDrop>| {
            let held = of_inner.noting("future");
            async move {
                tokio::task::yield_now().await;
                drop(held);
                Ok::<_, Infallible>(Response::new(axum::body::Body::empty()))
            }
        });
        let (hook, mut ends) = ends();
        let call = trusting().on_end(hook).layer(service).call(drops.request(&[]));
        let mut call = task::spawn(call);
        for _ in 0..polls {
            let _ = call.poll();
        }
        drop(call);
        assert_eq!(here(), "nowhere");
        assert_eq!(ends.only().id, "r");
        let mut dropped = drops.all();
        dropped.sort();
        assert_eq!(dropped, ["body in r", "extension in r", "future in r"]);
    }
}

#[test]
fn where_the_body_panics_as_it_is_dropped_the_hook_is_told_in_the_context_all_the_same() {
    struct Panicking;
    impl http_body::Body for Panicking {
        type Data = bytes::Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, Infallible>>> {
            Poll::Pending
        }
    }
    impl Drop for Panicking {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("planted"));
        }
    }
    for signs_in in [false, true] {
        let (hook, mut ends) = ends();
        let context = Arc::new(Mutex::new(None));
        let keep = Arc::clone(&context);
        let service = tower::service_fn(move |_: Request| {
            *keep.lock().unwrap() = Some(RequestContext::current());
            ready(Ok::<_, Infallible>(Response::new(Panicking)))
        });
        let request = Request::get("/").header("x-request-id", "r");
        let request = request.body(axum::body::Body::empty()).unwrap();
        let call = trusting().on_end(hook).layer(service).call(request);
        let response = assert_ready!(task::spawn(call).poll()).unwrap();
        let user = if signs_in {
            let context = context.lock().unwrap().take().unwrap();
            let _ = context.sign_in(identity("ada"));
            "ada"
        } else {
            "nobody"
        };
        let dropped = std::panic::AssertUnwindSafe(|| drop(response));
        assert!(std::panic::catch_unwind(dropped).is_err());
        assert_eq!(here(), "nowhere");
        let end = ends.only();
        assert_eq!((end.id.as_str(), end.user.as_str()), ("r", user));
    }
}
