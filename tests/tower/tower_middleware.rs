//! Tower's own middleware around the layer and below it.

use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::start;
use crate::support::text_of;
use crate::support::trusting;
use crate::support::whose;
use axum::BoxError;
use axum::Router;
use axum::body::Body;
use axum::error_handling::HandleErrorLayer;
use axum::extract::Request;
use axum::routing::get;
use futures::stream;
use http::Response;
use http::StatusCode;
use request_context::RequestContext;
use request_context::tower::EndReason::Complete;
use request_context::tower::EndReason::Dropped;
use request_context::tower::EndReason::ServiceError;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Barrier;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::buffer::Buffer;
use tower::load_shed::LoadShedLayer;
use tower::timeout::TimeoutLayer;

fn request(user: &str) -> Request {
    let request = Request::get("/").header("authorization", format!("Bearer {user}"));
    request.header("x-request-id", format!("r-of-{user}")).body(Body::empty()).unwrap()
}

fn seen() -> String {
    format!("{} {}", whose(), here())
}

/// A service that says where its call, its future and its body run.
#[expect(clippy::needless_pass_by_value, reason = "it is called as a service")]
fn says_where(request: Request) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send {
    let (in_call, placed) = (seen(), RequestContext::of_request(request.extensions()));
    let placed = placed.map(|context| context.request_id().to_string());
    async move {
        tokio::task::yield_now().await;
        let parts = [in_call, placed.unwrap_or_else(|error| error.to_string()), seen()];
        let of_the_body = stream::once(async { Ok(seen()) });
        let parts = stream::iter(parts.map(|part| Ok::<_, Infallible>(format!("{part}, "))));
        Ok(Response::new(Body::from_stream(futures::StreamExt::chain(parts, of_the_body))))
    }
}

async fn ask<S, B>(service: &mut S, user: &str) -> String
where
    S: Service<Request, Response = Response<B>, Error: std::fmt::Debug>,
    B: http_body::Body<Error: std::fmt::Debug>,
{
    let response = service.ready().await.unwrap().call(request(user)).await.unwrap();
    text_of(response.into_body()).await
}

#[tokio::test]
async fn below_a_buffer_the_call_is_on_another_task_and_finds_the_context_in_the_extensions() {
    let buffered = Buffer::new(tower::service_fn(says_where), 4);
    let mut service = trusting().authenticate(by_token).layer(buffered);
    for user in ["ada", "bob"] {
        let (id, here) = (format!("r-of-{user}"), format!("{user} r-of-{user}"));
        let expected = format!("nowhere nowhere, {id}, {here}, {here}");
        assert_eq!(ask(&mut service, user).await, expected);
    }
}

#[tokio::test]
async fn around_it_a_buffer_changes_nothing() {
    let service = trusting().authenticate(by_token).layer(tower::service_fn(says_where));
    let mut service = Buffer::new(service, 4);
    for user in ["ada", "bob"] {
        let (id, here) = (format!("r-of-{user}"), format!("{user} r-of-{user}"));
        assert_eq!(ask(&mut service, user).await, format!("{here}, {id}, {here}, {here}"));
    }
}

#[tokio::test]
async fn a_buffer_of_one_place_does_not_lock_up() {
    let buffered = Buffer::new(tower::service_fn(says_where), 1);
    let mut plain = trusting().layer(buffered.clone());
    let mut asking = trusting().authenticate(by_token).layer(buffered);
    for _ in 0..50 {
        assert!(ask(&mut plain, "ada").await.ends_with("nobody r-of-ada"));
        assert!(ask(&mut asking, "ada").await.ends_with("ada r-of-ada"));
        // A place that was reserved and not used is given back.
        let response = asking.ready().await.unwrap().call(request("wrong")).await.unwrap();
        assert_eq!(response.status(), 401);
    }
}

#[tokio::test]
async fn users_in_one_buffer_at_once_are_not_mixed_up() {
    const USERS: usize = 16;
    let barrier = Arc::new(Barrier::new(USERS));
    let service = tower::service_fn(move |request: Request| {
        let context = RequestContext::of_request(request.extensions()).unwrap();
        let of_call = context.clone().sync_scope(seen);
        let barrier = Arc::clone(&barrier);
        async move {
            barrier.wait().await;
            Ok::<_, Infallible>(Response::new(Body::from(format!("{of_call}, {}", seen()))))
        }
    });
    let service = trusting().authenticate(by_token).layer(Buffer::new(service, USERS));
    let requests = (0..USERS).map(|user| {
        let mut service = service.clone();
        start(async move {
            let user = format!("user-{user}");
            let here = format!("{user} r-of-{user}");
            assert_eq!(ask(&mut service, &user).await, format!("{here}, {here}"));
        })
    });
    for answered in futures::future::join_all(requests.collect::<Vec<_>>()).await {
        answered.unwrap();
    }
}

/// Never ready.
#[derive(Clone)]
struct Busy;

impl Service<Request> for Busy {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = std::future::Ready<Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Pending
    }

    fn call(&mut self, _: Request) -> Self::Future {
        panic!("called, but not ready")
    }
}

async fn tell(error: BoxError) -> (StatusCode, String) {
    (StatusCode::SERVICE_UNAVAILABLE, format!("{error}; {}", seen()))
}

#[tokio::test]
async fn what_load_shed_below_refuses_is_a_service_error() {
    let (hook, mut ends) = ends();
    let layer = trusting().authenticate(by_token).on_end(hook);
    let mut service = layer.layer(LoadShedLayer::new().layer(Busy));
    let error = service.ready().await.unwrap().call(request("ada")).await.map(drop).unwrap_err();
    assert!(error.is::<tower::load_shed::error::Overloaded>());
    let end = ends.only();
    assert_eq!((end.what(), end.user.as_str()), ((ServiceError, None, 0), "ada"));
}

#[tokio::test]
async fn an_error_made_a_response_below_has_the_id_and_the_context() {
    let shedding = ServiceBuilder::new()
        .layer(trusting().authenticate(by_token))
        .layer(HandleErrorLayer::new(tell))
        .layer(LoadShedLayer::new())
        .service(Busy);
    let response = shedding.oneshot(request("ada")).await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["x-request-id"], "r-of-ada");
    assert!(text_of(response.into_body()).await.ends_with("; ada r-of-ada"));
}

/// Further out there is no context and no ID, so the layer belongs around what answers.
#[tokio::test]
async fn an_error_made_a_response_around_it_has_neither() {
    let shedding = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(tell))
        .layer(LoadShedLayer::new())
        .layer(trusting())
        .service(Busy);
    let response = shedding.oneshot(request("ada")).await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(!response.headers().contains_key("x-request-id"));
    assert!(text_of(response.into_body()).await.ends_with("; nowhere nowhere"));
}

/// Where the locals of a handler that is never done are dropped.
fn never_done(dropped: &Arc<Mutex<Vec<String>>>) -> Router {
    struct Locals(Arc<Mutex<Vec<String>>>);
    impl Drop for Locals {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(seen());
        }
    }
    let dropped = Arc::clone(dropped);
    let handler = move || {
        let locals = Locals(Arc::clone(&dropped));
        async move {
            let _locals = locals;
            pending::<()>().await;
        }
    };
    Router::new().route("/", get(handler))
}

#[tokio::test(start_paused = true)]
async fn what_a_timeout_cancels_is_dropped_in_its_context_wherever_the_timeout_is() {
    const LIMIT: Duration = Duration::from_secs(5);
    for is_below in [true, false] {
        let dropped = Arc::<Mutex<Vec<String>>>::default();
        let (hook, mut ends) = ends();
        let layer = trusting().authenticate(by_token).on_end(hook);
        let result = if is_below {
            let service = layer.layer(TimeoutLayer::new(LIMIT).layer(never_done(&dropped)));
            service.oneshot(request("ada")).await.map(drop)
        } else {
            let service = TimeoutLayer::new(LIMIT).layer(layer.layer(never_done(&dropped)));
            service.oneshot(request("ada")).await.map(drop)
        };
        assert!(result.unwrap_err().is::<tower::timeout::error::Elapsed>());
        assert_eq!(*dropped.lock().unwrap(), ["ada r-of-ada"]);
        let reason = if is_below { ServiceError } else { Dropped };
        let end = ends.only();
        assert_eq!((end.what(), end.user.as_str()), ((reason, None, 0), "ada"));
    }
}

#[tokio::test]
async fn the_whole_stack_at_once_serves_and_is_complete() {
    let (hook, mut ends) = ends();
    let mut service = ServiceBuilder::new()
        .buffer(8)
        .layer(LoadShedLayer::new())
        .layer(TimeoutLayer::new(Duration::from_secs(60)))
        .layer(trusting().authenticate(by_token).on_end(hook))
        .layer(TimeoutLayer::new(Duration::from_secs(60)))
        .layer(LoadShedLayer::new())
        .service(tower::service_fn(says_where));
    for user in ["ada", "bob", "ada"] {
        assert!(ask(&mut service, user).await.ends_with(&format!("{user} r-of-{user}")));
        let end = ends.only();
        assert_eq!((end.reason, end.user.as_str()), (Complete, user));
    }
}
