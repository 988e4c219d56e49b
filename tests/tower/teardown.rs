//! What is dropped while a thread's local storage is torn down does not panic, which would abort.

#![expect(clippy::disallowed_methods, reason = "a thread is to end here, with what is in it")]

use crate::support::Script;
use crate::support::Step;
use crate::support::ends;
use crate::support::trusting;
use axum::body::Body;
use axum::extract::Request;
use http::Response;
use request_context::RequestContext;
use request_context::tower::Authentication;
use std::cell::RefCell;
use std::convert::Infallible;
use std::future::pending;
use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;
use tokio_test::assert_ready;
use tokio_test::task;
use tower::Layer;
use tower::Service;

/// Dropped while the thread is torn down; tells whether that panicked.
struct Late(Option<Box<dyn FnOnce()>>, mpsc::Sender<thread::Result<()>>);

impl Drop for Late {
    fn drop(&mut self) {
        let _ = self.1.send(catch_unwind(AssertUnwindSafe(self.0.take().unwrap())));
    }
}

/// Drops what `make` makes when the slot of the current context is gone already.
fn is_dropped_quietly<T: 'static>(make: impl FnOnce() -> T + Send + 'static) {
    thread_local! {
        static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
    }
    let (tell, told) = mpsc::channel();
    let thread = thread::spawn(move || {
        // Destructors run in reverse order of the first touch.
        LATE.with(|_| ());
        RequestContext::new().sync_scope(|| ());
        let value = make();
        let drop_late = Box::new(move || {
            let scope = AssertUnwindSafe(|| RequestContext::new().sync_scope(|| ()));
            assert!(catch_unwind(scope).is_err(), "the order of destruction is not as planned");
            drop(value);
        });
        LATE.set(Some(Late(Some(drop_late), tell)));
    });
    thread.join().unwrap();
    if let Err(payload) = told.recv().unwrap() {
        resume_unwind(payload);
    }
}

fn request() -> Request {
    Request::new(Body::empty())
}

fn answering(request: Request) -> std::future::Ready<Result<Response<Script>, Infallible>> {
    drop(request);
    ready(Ok(Response::new(Script::new([Step::Data("a")]))))
}

#[test]
fn a_future_that_was_never_polled() {
    is_dropped_quietly(|| trusting().layer(tower::service_fn(answering)).call(request()));
    is_dropped_quietly(|| {
        trusting().on_end(ends().0).layer(tower::service_fn(answering)).call(request())
    });
}

#[test]
fn a_future_that_waits_for_its_service() {
    let never = |_: Request| pending::<Result<Response<Script>, Infallible>>();
    is_dropped_quietly(move || {
        let call = trusting().on_end(ends().0).layer(tower::service_fn(never)).call(request());
        let mut call = task::spawn(call);
        assert!(call.poll().is_pending());
        call
    });
}

#[test]
fn a_future_that_waits_for_authentication() {
    is_dropped_quietly(|| {
        let authenticate = |_: &http::request::Parts| pending::<Authentication>();
        let layer = trusting().authenticate(authenticate).on_end(ends().0);
        let mut call = task::spawn(layer.layer(tower::service_fn(answering)).call(request()));
        assert!(call.poll().is_pending());
        call
    });
}

#[test]
fn a_response_with_its_body() {
    is_dropped_quietly(|| {
        let call = trusting().on_end(ends().0).layer(tower::service_fn(answering)).call(request());
        assert_ready!(task::spawn(call).poll()).unwrap()
    });
    is_dropped_quietly(|| {
        let call = trusting().layer(tower::service_fn(answering)).call(request());
        assert_ready!(task::spawn(call).poll()).unwrap()
    });
}
