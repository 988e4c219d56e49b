//! The context in the extensions of the request, for code on another task.

use crate::support::by_token;
use crate::support::here;
use crate::support::identity;
use crate::support::trusting;
use crate::support::whose;
use axum::body::Body;
use axum::extract::Request;
use http::Extensions;
use http::Response;
use request_context::ContextValue;
use request_context::RequestContext;
use request_context::UserId;
use request_context::tower::ExtensionsError;
use request_context::tower::RequestContextLayer;
use std::convert::Infallible;
use std::sync::Arc;
use tower::Layer;
use tower::ServiceExt;

fn context(id: &str, user: Option<&str>) -> RequestContext {
    let builder = RequestContext::builder().request_id(id.parse().unwrap());
    match user {
        Some(user) => builder.user(user.parse().unwrap()).build(),
        None => builder.build(),
    }
}

fn with(context: RequestContext) -> Extensions {
    let mut extensions = Extensions::new();
    extensions.insert(context);
    extensions
}

fn user(context: &RequestContext) -> Option<&str> {
    context.user().map(UserId::as_str)
}

/// What the inner service of `layer` finds in the extensions of `request`.
async fn placed(layer: RequestContextLayer, request: Request) -> RequestContext {
    let service = tower::service_fn(|request: Request| async move {
        let placed = request.extensions().get::<RequestContext>().unwrap().clone();
        assert_eq!((here().as_str(), whose().as_str()), {
            (placed.request_id().as_str(), user(&placed).unwrap_or("nobody"))
        });
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(placed);
        Ok::<_, Infallible>(response)
    });
    let response = layer.authenticate(by_token).layer(service).oneshot(request).await.unwrap();
    response.extensions().get::<RequestContext>().unwrap().clone()
}

#[tokio::test]
async fn the_layer_places_the_context_there_with_the_user_and_the_values() {
    struct Pool(u8);
    impl ContextValue for Pool {}
    let request =
        Request::get("/").header("x-request-id", "r").header("authorization", "Bearer ada");
    let context = placed(trusting().insert(Pool(7)), request.body(Body::empty()).unwrap()).await;
    assert_eq!((context.request_id().as_str(), user(&context)), ("r", Some("ada")));
    assert_eq!(context.get::<Pool>().unwrap().0, 7);
}

#[tokio::test]
async fn one_that_was_there_before_is_replaced() {
    let request = Request::get("/").extension(context("forged", Some("mallory")));
    let placed = placed(RequestContextLayer::new(), request.body(Body::empty()).unwrap()).await;
    assert_ne!(placed.request_id().as_str(), "forged");
    assert_eq!(user(&placed), None);
}

#[tokio::test]
async fn the_values_of_the_layer_are_shared_by_all_requests() {
    struct Counter(Arc<u8>);
    impl ContextValue for Counter {}
    let shared = Arc::new(7);
    let layer = RequestContextLayer::new()
        .insert(Counter(Arc::new(0)))
        .insert(Counter(Arc::clone(&shared)));
    for _ in 0..2 {
        let context = placed(layer.clone(), Request::new(Body::empty())).await;
        assert!(Arc::ptr_eq(&context.get::<Counter>().unwrap().0, &shared), "the last one counts");
    }
}

#[test]
fn on_another_task_it_is_the_placed_one() {
    let found = RequestContext::of_request(&with(context("r", Some("ada")))).unwrap();
    assert_eq!((found.request_id().as_str(), user(&found)), ("r", Some("ada")));
}

#[test]
fn in_a_context_of_the_same_request_it_is_the_current_one_which_may_know_more() {
    let extensions = with(context("r", None));
    let placed = extensions.get::<RequestContext>().unwrap();
    let ada = placed.sign_in(identity("ada"));
    let found = ada.sync_scope(|| RequestContext::of_request(&extensions)).unwrap();
    assert_eq!(user(&found), Some("ada"));
}

#[test]
fn where_none_was_placed_it_is_the_current_one() {
    let found = context("r", None).sync_scope(|| RequestContext::of_request(&Extensions::new()));
    assert_eq!(found.unwrap().request_id().as_str(), "r");
}

#[test]
fn in_the_context_of_another_request_it_is_an_error() {
    let extensions = with(context("r", Some("ada")));
    let error: ExtensionsError = context("other", Some("ada"))
        .sync_scope(|| RequestContext::of_request(&extensions))
        .unwrap_err();
    assert!(error.is_mismatch() && !error.is_missing());
    assert!(error.to_string().contains("another request"), "{error}");
}

/// A trusted peer that retries may send the same ID again.
#[test]
fn in_the_context_of_another_request_with_the_same_id_it_is_an_error_too() {
    let extensions = with(context("r", Some("ada")));
    let error = context("r", Some("bob"))
        .sync_scope(|| RequestContext::of_request(&extensions))
        .unwrap_err();
    assert!(error.is_mismatch());
}

#[test]
fn on_another_task_it_knows_who_has_signed_in_since() {
    let extensions = with(context("r", None));
    let _ = extensions.get::<RequestContext>().unwrap().sign_in(identity("ada"));
    assert_eq!(user(&RequestContext::of_request(&extensions).unwrap()), Some("ada"));
}

#[test]
fn without_any_it_is_an_error_that_names_the_layer() {
    let error = RequestContext::of_request(&Extensions::new()).unwrap_err();
    assert!(error.is_missing() && !error.is_mismatch());
    assert!(error.to_string().contains("RequestContextLayer"), "{error}");
}
