//! Which challenge a 401 of an extractor has.

use crate::support::Reply;
use crate::support::get as send_get;
use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use http::HeaderValue;
use http::StatusCode;
use request_context::RequestContext;
use request_context::axum::CurrentSession;
use request_context::axum::CurrentUser;
use request_context::axum::IdentityRejection;
use request_context::tower::Challenge;
use request_context::tower::RequestContextLayer;
use tower::Layer;

const NOTES: &str = "Basic realm=\"notes\", Bearer";

fn router() -> Router {
    let by_hand = || async {
        let context = RequestContext::current();
        Ok::<_, IdentityRejection>(context.require_user()?.to_string())
    };
    Router::new()
        .route("/user", get(|_: CurrentUser| async {}))
        .route("/session", get(|_: CurrentSession| async {}))
        .route("/by-hand", get(by_hand))
}

fn in_layer(layer: &RequestContextLayer, router: Router) -> Router {
    Router::new().fallback_service(layer.layer(router))
}

/// Of a 401; there is one.
fn challenge(reply: &Reply) -> &HeaderValue {
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::UNAUTHORIZED, ""));
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(reply.headers["content-length"], "0");
    let mut all = reply.headers.get_all("www-authenticate").iter();
    let only = all.next().unwrap();
    assert_eq!(all.next(), None);
    only
}

#[tokio::test]
async fn it_is_the_one_that_the_layer_was_given_or_bearer() {
    let plain = RequestContextLayer::new();
    let notes = plain.clone().insert(Challenge::from_static(NOTES));
    for (layer, expected) in [(plain, "Bearer"), (notes, NOTES)] {
        let app = in_layer(&layer, router());
        for path in ["/user", "/session", "/by-hand"] {
            assert_eq!(challenge(&send_get(&app, path, "").await), expected, "{path}");
        }
    }
}

async fn with_its_own(request: Request, next: Next) -> Response {
    let own = Challenge::from(HeaderValue::from_static("DPoP algs=\"ES256\""));
    let context = RequestContext::current().to_builder().insert(own).build();
    context.scope(next.run(request)).await
}

#[tokio::test]
async fn a_part_of_the_service_can_have_its_own() {
    let part = Router::new().nest("/part", router().layer(from_fn(with_its_own)));
    let layer = RequestContextLayer::new().insert(Challenge::from_static(NOTES));
    let app = in_layer(&layer, part.merge(router()));
    for path in ["/user", "/session", "/by-hand"] {
        let of_part = send_get(&app, &format!("/part{path}"), "").await;
        assert_eq!(challenge(&of_part), "DPoP algs=\"ES256\"", "{path}");
        assert_eq!(challenge(&send_get(&app, path, "").await), NOTES, "{path}");
    }
}

#[test]
#[should_panic(expected = "invalid")]
fn a_text_that_cannot_stand_in_a_header_is_no_challenge() {
    let _ = Challenge::from_static("Basic realm=\"two\nlines\"");
}

#[test]
fn a_missing_identity_outside_every_scope_asks_for_a_bearer_token() {
    let missing = RequestContext::new().require_user().unwrap_err();
    let response = IdentityRejection::from(missing).into_response();
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
}
