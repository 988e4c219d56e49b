//! The inner service is called only by the clone that was asked whether it is ready.

use crate::support::by_token;
use crate::support::text_of;
use axum::body::Body;
use axum::extract::Request;
use http::Response;
use request_context::tower::Authentication;
use request_context::tower::RequestContextLayer;
use std::future::Ready;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Context;
use std::task::Poll;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;

/// Panics if it is called without having been found ready. A clone is not ready, as tower says.
#[derive(Default)]
struct Strict {
    is_ready: bool,
    asked: usize,
    calls: Arc<AtomicUsize>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { is_ready: false, asked: 0, calls: Arc::clone(&self.calls) }
    }
}

impl Service<Request> for Strict {
    type Response = Response<Body>;
    type Error = &'static str;
    type Future = Ready<Result<Response<Body>, &'static str>>;

    /// Ready at the second time.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        self.asked += 1;
        if self.asked == 1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        assert!(self.is_ready, "called without having been found ready");
        self.is_ready = false;
        self.asked = 0;
        self.calls.fetch_add(1, SeqCst);
        ready(Ok(Response::new(Body::from("called"))))
    }
}

async fn is_respected<S, B>(mut service: S, calls: &AtomicUsize)
where
    S: Service<Request, Response = Response<B>, Error = &'static str> + Clone,
    B: http_body::Body<Error: std::fmt::Debug>,
{
    let before = calls.load(SeqCst);
    for _ in 0..3 {
        let answer = service.ready().await.unwrap().call(Request::new(Body::empty()));
        assert_eq!(text_of(answer.await.unwrap().into_body()).await, "called");
    }
    // Two requests under way, the first of which is only then answered.
    let first = service.ready().await.unwrap().call(Request::new(Body::empty()));
    let second = service.ready().await.unwrap().call(Request::new(Body::empty()));
    second.await.map(drop).unwrap();
    first.await.map(drop).unwrap();
    service.clone().oneshot(Request::new(Body::empty())).await.map(drop).unwrap();
    assert_eq!(calls.load(SeqCst) - before, 6);
}

#[tokio::test]
async fn it_is_the_ready_one_that_is_called() {
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let layer = RequestContextLayer::new();
    is_respected(layer.layer(inner.clone()), &calls).await;
    is_respected(layer.clone().authenticate(by_token).layer(inner.clone()), &calls).await;
    let slowly = |_: &http::request::Parts| async {
        tokio::task::yield_now().await;
        Authentication::Anonymous
    };
    is_respected(layer.authenticate(slowly).layer(inner), &calls).await;
}

#[tokio::test]
async fn a_service_that_refused_a_request_can_be_asked_again() {
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let mut service = RequestContextLayer::new().authenticate(by_token).layer(inner);
    for (credentials, status, called) in [
        (&["Bearer wrong"] as &[_], 401, 0),
        (&["Bearer ada", "Bearer bob"], 401, 0),
        (&["Bearer ada"], 200, 1),
    ] {
        let mut request = Request::get("/");
        for credential in credentials {
            request = request.header("authorization", *credential);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = service.ready().await.unwrap().call(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(calls.load(SeqCst), called);
    }
}

#[tokio::test]
async fn it_is_not_called_before_the_answer_is_there() {
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let (tell, told) = tokio::sync::watch::channel(false);
    let authenticate = move |_: &http::request::Parts| {
        let mut told = told.clone();
        async move {
            told.wait_for(|told| *told).await.unwrap();
            Authentication::Anonymous
        }
    };
    let mut service = RequestContextLayer::new().authenticate(authenticate).layer(inner);
    let call = service.ready().await.unwrap().call(Request::new(Body::empty()));
    let mut call = tokio_test::task::spawn(call);
    assert!(call.poll().is_pending());
    assert_eq!(calls.load(SeqCst), 0);
    tell.send_replace(true);
    assert!(call.is_woken());
    assert!(call.poll().is_ready());
    assert_eq!(calls.load(SeqCst), 1);
}

#[tokio::test]
async fn back_pressure_and_failure_of_the_inner_service_come_through() {
    #[derive(Clone)]
    struct Broken;
    impl Service<Request> for Broken {
        type Response = Response<Body>;
        type Error = &'static str;
        type Future = Ready<Result<Response<Body>, &'static str>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
            Poll::Ready(Err("closed"))
        }

        fn call(&mut self, _: Request) -> Self::Future {
            panic!("called")
        }
    }
    let mut broken = RequestContextLayer::new().layer(Broken);
    assert_eq!(broken.ready().await.map(drop), Err("closed"));

    let mut busy = RequestContextLayer::new().layer(Strict::default());
    let mut ready = tokio_test::task::spawn(busy.ready());
    assert!(ready.poll().is_pending());
    assert!(ready.poll().is_ready());
}

#[tokio::test]
#[should_panic(expected = "called without having been found ready")]
async fn the_mock_finds_a_clone_that_was_not_asked() {
    let mut asked = Strict::default();
    asked.ready().await.unwrap();
    let _ = asked.clone().call(Request::new(Body::empty())).await;
}
