//! Tokens of one issuer for one audience, and what comes of them.

use http::Request;
use http::request::Parts;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::encode;
use jsonwebtoken::get_current_timestamp;
use request_context::tower::Authenticate;
use request_context::tower::Authentication;
use request_context::tower::jwt::JwtBearer;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

pub(crate) const SECRET: &[u8] = b"a secret of thirty-two bytes ...";
pub(crate) const OTHER: &[u8] = b"another one of thirty-two bytes.";
pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "https://api.example";

pub(crate) fn bearer() -> JwtBearer {
    JwtBearer::new(ISSUER, AUDIENCE)
        .key("one", Algorithm::HS256, DecodingKey::from_secret(SECRET))
        .unwrap()
}

pub(crate) fn header() -> Header {
    Header { kid: Some("one".into()), ..Header::new(Algorithm::HS256) }
}

pub(crate) fn claims() -> Value {
    let now = get_current_timestamp();
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "nbf": now - 10, "exp": now + 100})
}

/// `claims` with one of them set, or taken away by a null.
pub(crate) fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

pub(crate) fn token(header: &Header, claims: &impl Serialize, secret: &[u8]) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

pub(crate) fn parts(authorization: &str) -> Parts {
    let request = Request::builder().header("authorization", authorization);
    request.body(()).unwrap().into_parts().0
}

/// The user that the token is accepted for, or the name of what came of it.
pub(crate) fn outcome(bearer: &JwtBearer, token: &str) -> String {
    let answer = bearer.authenticate(&parts(&format!("Bearer {token}")));
    match futures::executor::block_on(answer) {
        Authentication::Identified(identity) => format!("{identity:?}"),
        Authentication::Rejected(challenge) => {
            assert_eq!(challenge, "Bearer error=\"invalid_token\"");
            "rejected".into()
        }
        other => format!("{other:?}"),
    }
}

#[track_caller]
pub(crate) fn is_accepted(bearer: &JwtBearer, token: &str) {
    let outcome = outcome(bearer, token);
    assert!(outcome.contains("UserId(\"ada\")"), "{outcome}");
}

#[track_caller]
pub(crate) fn is_rejected(bearer: &JwtBearer, token: &str) {
    assert_eq!(outcome(bearer, token), "rejected");
}

/// A token with exactly this header, signed as it says.
pub(crate) fn token_with_header(header: &impl Serialize, secret: &[u8]) -> String {
    let proper = token(&Header::new(Algorithm::HS256), header, secret);
    let header = proper.split('.').nth(1).unwrap();
    let proper = token(&Header::new(Algorithm::HS256), &claims(), secret);
    let payload = proper.split('.').nth(1).unwrap();
    let message = format!("{header}.{payload}");
    let key = EncodingKey::from_secret(secret);
    let signature = sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}
