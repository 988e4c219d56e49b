//! For whom the parts of a request run that layers further in begin.

use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::identity;
use crate::support::text_of;
use crate::support::whose;
use axum::body::Body;
use axum::extract::Request;
use http::Response;
use request_context::ContextValue;
use request_context::RequestContext;
use request_context::tower::RequestContextLayer;
use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::sync::Mutex;
use tower::Layer;
use tower::ServiceExt;

type Log = Arc<Mutex<Vec<String>>>;

fn take(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().unwrap())
}

struct V;
impl ContextValue for V {}

fn ada() -> Request {
    Request::get("/").header("authorization", "Bearer ada").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_value_from_between_is_in_the_body_also_if_someone_signed_in_before() {
    for signs_in in [false, true] {
        let seen = Log::default();
        let of = Arc::clone(&seen);
        let app = tower::service_fn(move |_: Request| {
            let of = Arc::clone(&of);
            let has = || RequestContext::current().get::<V>().is_some();
            of.lock().unwrap().push(format!("handler {}", has()));
            let rest = futures::stream::once(async move {
                of.lock().unwrap().push(format!("body {}", has()));
                Ok::<_, Infallible>("x")
            });
            ready(Ok::<_, Infallible>(Response::new(Body::from_stream(rest))))
        });
        let inner = RequestContextLayer::new().layer(app);
        let between = tower::service_fn(move |request: Request| {
            let mut context = RequestContext::current();
            if signs_in {
                context = context.sign_in(identity("ada"));
            }
            let context = context.to_builder().insert(V).build();
            let inner = inner.clone();
            async move { context.clone().scope(inner.oneshot(request)).await }
        });
        let service = RequestContextLayer::new().layer(between);
        let response = service.oneshot(Request::new(Body::empty())).await.unwrap();
        text_of(response.into_body()).await;
        assert_eq!(take(&seen), ["handler true", "body true"], "signs in: {signs_in}");
    }
}

#[tokio::test]
async fn a_value_that_stays_in_its_scope_is_in_the_body_of_a_layer_that_authenticates() {
    struct InScope;
    impl ContextValue for InScope {
        const REACH: request_context::Reach = request_context::Reach::Scope;
    }
    for authenticates in [false, true] {
        let seen = Log::default();
        let of = Arc::clone(&seen);
        let app = tower::service_fn(move |_: Request| {
            let of = Arc::clone(&of);
            let has =
                || format!("{} {}", RequestContext::current().get::<InScope>().is_some(), whose());
            of.lock().unwrap().push(format!("handler {}", has()));
            let rest = futures::stream::once(async move {
                of.lock().unwrap().push(format!("body {}", has()));
                Ok::<_, Infallible>("x")
            });
            ready(Ok::<_, Infallible>(Response::new(Body::from_stream(rest))))
        });
        let inner = RequestContextLayer::new().authenticate(by_token).layer(app);
        let between = tower::service_fn(move |request: Request| {
            let context = RequestContext::current().to_builder().insert(InScope).build();
            let inner = inner.clone();
            async move { context.clone().scope(inner.oneshot(request)).await }
        });
        let service = RequestContextLayer::new().layer(between);
        let request = if authenticates { ada() } else { Request::new(Body::empty()) };
        let response = service.oneshot(request).await.unwrap();
        text_of(response.into_body()).await;
        let who = if authenticates { "ada" } else { "nobody" };
        assert_eq!(take(&seen), [format!("handler true {who}"), format!("body true {who}")]);
    }
}

#[tokio::test]
async fn a_body_runs_for_the_user_that_its_handler_ran_for() {
    let seen = Log::default();
    let of = Arc::clone(&seen);
    let app = tower::service_fn(move |_: Request| {
        let of = Arc::clone(&of);
        of.lock().unwrap().push(format!("handler {}", whose()));
        let rest = futures::stream::once(async move {
            of.lock().unwrap().push(format!("body {}", whose()));
            Ok::<_, Infallible>("x")
        });
        ready(Ok::<_, Infallible>(Response::new(Body::from_stream(rest))))
    });
    let inner = RequestContextLayer::new().layer(app);
    // An administrator signed in, and looks at the service as bob.
    let between = tower::service_fn(move |request: Request| {
        let admin = RequestContext::current().sign_in(identity("admin"));
        let as_bob = admin.to_builder().user("bob".parse().unwrap()).build();
        let inner = inner.clone();
        async move { as_bob.scope(inner.oneshot(request)).await }
    });
    let (hook, _ends) = ends();
    let service = RequestContextLayer::new().on_end(hook).layer(between);
    let response = service.oneshot(Request::new(Body::empty())).await.unwrap();
    text_of(response.into_body()).await;
    assert_eq!(take(&seen), ["handler bob", "body bob"]);
}

#[tokio::test]
async fn two_parts_side_by_side_have_each_their_user_to_the_end() {
    let seen = Log::default();
    let of = Arc::clone(&seen);
    let app = tower::service_fn(move |_: Request| {
        let of = Arc::clone(&of);
        async move {
            let who = whose();
            tokio::task::yield_now().await;
            assert_eq!(whose(), who);
            let rest = futures::stream::once(async move {
                of.lock().unwrap().push(format!("handler {who}, body {}", whose()));
                Ok::<_, Infallible>("x")
            });
            Ok::<_, Infallible>(Response::new(Body::from_stream(rest)))
        }
    });
    let inner = RequestContextLayer::new().authenticate(by_token).layer(app);
    let batch = tower::service_fn(move |request: Request| {
        let inner = inner.clone();
        async move {
            let context = request.extensions().get::<RequestContext>().unwrap().clone();
            let part = |user: &str| {
                let mut part = Request::get("/")
                    .header("authorization", format!("Bearer {user}"))
                    .body(Body::empty())
                    .unwrap();
                part.extensions_mut().insert(context.clone());
                let call = inner.clone().oneshot(part);
                async move { text_of(call.await.unwrap().into_body()).await }
            };
            let _ = futures::join!(part("ada"), part("bob"));
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    });
    let service = RequestContextLayer::new().layer(batch);
    drop(service.oneshot(Request::new(Body::empty())).await.unwrap());
    let mut all = take(&seen);
    all.sort();
    assert_eq!(all, ["handler ada, body ada", "handler bob, body bob"]);
}

#[tokio::test]
async fn with_a_buffer_between_the_layers_there_is_one_id() {
    let app = tower::service_fn(|_: Request| async {
        Ok::<_, Infallible>(Response::new(Body::from(here())))
    });
    let inner = RequestContextLayer::new().layer(app);
    let buffered = tower::buffer::Buffer::new(inner, 8);
    let (hook, mut ends) = ends();
    let service = RequestContextLayer::new().on_end(hook).layer(buffered);
    let response = service.oneshot(Request::new(Body::empty())).await.unwrap();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let text = text_of(response.into_body()).await;
    let end = ends.only();
    assert_eq!((&id, &text), (&end.id, &end.id));
}

#[tokio::test]
async fn a_context_that_was_kept_after_its_request_lends_nothing() {
    let app = tower::service_fn(|request: Request| async move {
        let placed = RequestContext::of_request(request.extensions()).unwrap();
        Ok::<_, Infallible>(Response::builder().extension(placed).body(Body::from(here())).unwrap())
    });
    let service = RequestContextLayer::new().layer(app);
    let response = service.clone().oneshot(Request::new(Body::empty())).await.unwrap();
    let kept = response.extensions().get::<RequestContext>().unwrap().clone();
    drop(response);
    let request = Request::get("/").extension(kept.clone()).body(Body::empty()).unwrap();
    let text = text_of(service.oneshot(request).await.unwrap().into_body()).await;
    assert_ne!(text, kept.request_id().as_str());
}
