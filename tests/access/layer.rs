//! What the layer knows for the record: the trace, and how the user was authenticated.

use crate::support::Lines;
use crate::support::chart;
use crate::support::portal;
use crate::support::user;
use axum::body::Body;
use axum::extract::Request;
use http::Response;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::AuthenticatedBy;
use request_context::access::policy::Policy;
use request_context::owner::Owner;
use request_context::session::MemoryStore;
use request_context::session::Outbox;
use request_context::session::Sessions;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use request_context::tower::jwt::JwtBearer;
use serde_json::Value;
use serde_json::json;
use std::convert::Infallible;
use tower::Layer;
use tower::Service;

const SECRET: &[u8] = b"a secret of thirty-two bytes ...";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What is on record of a request with a bearer token and a `traceparent`.
async fn recorded(trusts_trace: bool, knows_more: bool) -> Value {
    let lines = Lines::default();
    let key = DecodingKey::from_secret(SECRET);
    let mut bearer = JwtBearer::new("issuer", "portal").key("one", Algorithm::HS256, key).unwrap();
    if knows_more {
        bearer = bearer.identify(|claims| {
            let user = claims.get("sub")?.as_str()?.parse().ok()?;
            Some(Identity::new(user).insert(AuthenticatedBy::new("passkey")))
        });
    }
    let layer = RequestContextLayer::new()
        .trust_trace_parent(move |_| trusts_trace)
        .authenticate(bearer)
        .insert(Policy::new(portal()))
        .insert(lines.trail());
    let mut service = layer.layer(tower::service_fn(|_: Request| async {
        let permit = access::authorize(Action::Read, &chart()).await.unwrap();
        assert!(permit.check().is_ok());
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    let expires = jsonwebtoken::get_current_timestamp() + 100;
    let claims = json!({"iss": "issuer", "aud": "portal", "sub": "pat", "nbf": 0, "exp": expires});
    let header = Header { kid: Some("one".into()), ..Header::new(Algorithm::HS256) };
    let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET)).unwrap();
    let request = Request::builder()
        .header("traceparent", PARENT)
        .header("authorization", format!("Bearer {token}"));
    let response = service.call(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    lines.last()
}

#[tokio::test]
async fn the_trace_of_a_trusted_peer_is_on_record_and_of_no_other() {
    let trusted = recorded(true, false).await;
    assert_eq!(trusted["trace.id"], PARENT[3..35]);
    assert_eq!(recorded(false, false).await.get("trace.id"), None);
}

#[tokio::test]
async fn a_bearer_token_is_on_record_as_how_the_user_was_authenticated() {
    assert_eq!(recorded(false, false).await["authenticated_by"], "bearer token");
    assert_eq!(recorded(false, true).await["authenticated_by"], "passkey");
}

#[tokio::test]
async fn an_open_session_is_on_record_as_how_its_user_was_authenticated_where_nobody_says() {
    let lines = Lines::default();
    let sessions = Sessions::new(MemoryStore::default());
    let anonymous = RequestContext::builder().insert(lines.trail()).build();
    for (owner, how) in [(Owner::user(user("pat")), "session"), (Owner::nobody(), "")] {
        let (_, opened) = sessions.create(&owner).await.unwrap();
        let context = sessions.enter(&anonymous, Some(opened), &Outbox::default()).unwrap();
        let access = context.scope(async { access::record(Action::Read, &chart()).await });
        access.await.unwrap();
        assert_eq!(lines.last()["authenticated_by"].as_str().unwrap_or_default(), how);
    }
}
