//! Work that was started for a request can see that the request is over.

use crate::support::Script;
use crate::support::Step;
use crate::support::identity;
use crate::support::text_of;
use crate::support::trusting;
use axum::body::Body;
use axum::extract::Request;
use http::Response;
use request_context::RequestContext;
use request_context::tower::EndOfRequest;
use request_context::tower::RequestContextLayer;
use std::convert::Infallible;
use std::future::Ready;
use std::future::pending;
use std::future::ready;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use tokio::sync::oneshot;
use tokio_test::assert_ready;
use tokio_test::task;
use tower::Layer;
use tower::Service;

/// A service that puts its context where the test finds it.
fn leaking(
    leaked: &Arc<OnceLock<RequestContext>>,
) -> impl Service<
    Request,
    Response = Response<Script>,
    Error = Infallible,
    Future = Ready<Result<Response<Script>, Infallible>>,
> + Clone {
    let leaked = Arc::clone(leaked);
    tower::service_fn(move |_: Request| {
        leaked.set(RequestContext::current()).unwrap();
        ready(Ok(Response::new(Script::new([Step::Data("hello")]))))
    })
}

#[tokio::test]
async fn it_turns_true_when_the_body_has_been_sent() {
    let leaked = Arc::<OnceLock<_>>::default();
    let call = RequestContextLayer::new().layer(leaking(&leaked)).call(Request::new(Body::empty()));
    let context = leaked.get().unwrap();
    assert!(!context.has_ended());
    let response = call.await.unwrap();
    assert!(!context.has_ended(), "the body is still to be sent");
    assert_eq!(text_of(response.into_body()).await, "hello");
    assert!(context.has_ended());
}

#[tokio::test]
async fn it_turns_true_when_future_or_body_are_dropped_or_the_service_fails() {
    let leaked = Arc::<OnceLock<_>>::default();
    drop(RequestContextLayer::new().layer(leaking(&leaked)).call(Request::new(Body::empty())));
    assert!(leaked.get().unwrap().has_ended());

    let leaked = Arc::<OnceLock<_>>::default();
    let call = RequestContextLayer::new().layer(leaking(&leaked)).call(Request::new(Body::empty()));
    drop(call.await.unwrap());
    assert!(leaked.get().unwrap().has_ended());

    let failing = tower::service_fn(|_: Request| async {
        Err::<Response<Body>, _>(RequestContext::current())
    });
    let call = RequestContextLayer::new().layer(failing).call(Request::new(Body::empty()));
    assert!(call.await.map(drop).unwrap_err().has_ended());
}

#[tokio::test]
async fn a_spawned_task_sees_it_in_whatever_was_derived_for_it() {
    let (report, reported) = oneshot::channel();
    let (tell, told) = oneshot::channel::<()>();
    let parts = Mutex::new(Some((report, told)));
    let service = tower::service_fn(move |_: Request| {
        let (report, told) = parts.lock().unwrap().take().unwrap();
        let work = async move {
            assert!(!RequestContext::current().has_ended());
            let _ = told.await;
            let context = RequestContext::current();
            let derived = context.to_builder().user("bob".parse().unwrap()).build();
            report.send([context.has_ended(), derived.has_ended()]).unwrap();
        };
        let context = RequestContext::current().sign_in(identity("ada"));
        context.sync_scope(|| drop(request_context::spawn(work)));
        ready(Ok::<_, Infallible>(Response::new(Body::from("sent"))))
    });
    let service = Arc::new(Mutex::new(service));
    let service = tower::service_fn(move |request| service.lock().unwrap().call(request));
    let response = trusting().layer(service).call(Request::new(Body::empty())).await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!(text_of(response.into_body()).await, "sent");
    tell.send(()).unwrap();
    assert_eq!(reported.await.unwrap(), [true, true]);
}

#[test]
fn one_request_that_ended_ends_no_other() {
    let leaked = Arc::<OnceLock<_>>::default();
    let layer = RequestContextLayer::new();
    let never = tower::service_fn(|_: Request| pending::<Result<Response<Body>, Infallible>>());
    let mut other = task::spawn(layer.layer(never).call(Request::new(Body::empty())));
    assert!(other.poll().is_pending());
    let call = layer.layer(leaking(&leaked)).call(Request::new(Body::empty()));
    drop(assert_ready!(task::spawn(call).poll()).unwrap());
    let (first, second) = (leaked.get().unwrap(), Arc::<OnceLock<_>>::default());
    let _call = layer.layer(leaking(&second)).call(Request::new(Body::empty()));
    assert!(first.has_ended() && !second.get().unwrap().has_ended());
}

#[test]
fn the_hook_is_told_while_it_is_false_and_detached_work_has_no_request_to_end() {
    let leaked = Arc::<OnceLock<RequestContext>>::default();
    let hook = |_: &EndOfRequest| assert!(!RequestContext::current().has_ended());
    let layer = RequestContextLayer::new().on_end(hook);
    let call = layer.layer(leaking(&leaked)).call(Request::new(Body::empty()));
    let detached = leaked.get().unwrap().detach();
    drop(call);
    assert!(leaked.get().unwrap().has_ended() && !detached.has_ended());
}

#[test]
fn a_context_under_another_id_is_of_another_request() {
    let leaked = Arc::<OnceLock<RequestContext>>::default();
    let call = RequestContextLayer::new().layer(leaking(&leaked)).call(Request::new(Body::empty()));
    let context = leaked.get().unwrap();
    let other = context.to_builder().request_id("other".parse().unwrap()).build();
    drop(call);
    assert!(context.has_ended() && !other.has_ended());
}

#[test]
fn it_turns_true_also_if_the_hook_panics() {
    let leaked = Arc::<OnceLock<RequestContext>>::default();
    let hook = |_: &EndOfRequest| std::panic::resume_unwind(Box::new("planted"));
    let layer = RequestContextLayer::new().on_end(hook);
    let call = layer.layer(leaking(&leaked)).call(Request::new(Body::empty()));
    let dropped = std::panic::AssertUnwindSafe(|| drop(call));
    assert!(std::panic::catch_unwind(dropped).is_err());
    assert!(leaked.get().unwrap().has_ended());
    assert!(RequestContext::try_current().is_err(), "no scope is left");
}

#[test]
fn without_a_layer_it_stays_false() {
    let context = RequestContext::new();
    context.clone().sync_scope(|| assert!(!RequestContext::current().has_ended()));
    assert!(!context.has_ended() && !context.to_builder().build().has_ended());
}

#[test]
fn a_context_derived_on_another_thread_at_the_very_end_knows_of_it_too() {
    for _ in 0..500 {
        let leaked = Arc::<OnceLock<RequestContext>>::default();
        let layer = RequestContextLayer::new();
        let call = layer.layer(leaking(&leaked)).call(Request::new(Body::empty()));
        let context = leaked.get().unwrap().clone();
        let ready = Arc::new(std::sync::Barrier::new(2));
        let other = Arc::clone(&ready);
        #[expect(clippy::disallowed_methods, reason = "a thread of the test's own")]
        let deriving = std::thread::spawn(move || {
            other.wait();
            context.to_builder().build()
        });
        ready.wait();
        drop(call);
        assert!(deriving.join().unwrap().has_ended());
    }
}
