//! The reason for a refusal is for the operator: in the log, without the token.

use crate::logged_lines::LoggedLines;
use crate::support::AUDIENCE;
use crate::support::OTHER;
use crate::support::SECRET;
use crate::support::bearer;
use crate::support::header;
use crate::support::is_accepted;
use crate::support::parts;
use crate::support::token;
use crate::support::token_with_header;
use crate::support::with;
use http::request::Parts;
use jsonwebtoken::Header;
use jsonwebtoken::get_current_timestamp;
use request_context::LogLayer;
use request_context::RequestContext;
use request_context::tower::Authenticate;
use request_context::tower::Authentication;
use serde_json::Value;
use serde_json::json;
use tracing_subscriber::prelude::*;

/// What is logged by `f` in a context.
fn logged(f: impl FnOnce()) -> Vec<Value> {
    let lines = LoggedLines::default();
    let layer = LogLayer::json().with_writer(lines.clone());
    let subscriber = tracing_subscriber::registry().with(layer);
    let context = RequestContext::builder().request_id("r-1".parse().unwrap()).build();
    tracing::subscriber::with_default(subscriber, || context.sync_scope(f));
    lines.all()
}

/// The reason in the only line, which is of the level DEBUG and of the request.
#[track_caller]
fn reason(parts: &Parts) -> String {
    let lines = logged(|| {
        let answer = futures::executor::block_on(bearer().authenticate(parts));
        assert!(matches!(answer, Authentication::Rejected(_)));
    });
    let [line] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!(line["level"], "DEBUG");
    assert!(line["target"].as_str().unwrap().starts_with("request_context::tower::jwt"), "{line}");
    assert_eq!(line["request.id"], "r-1");
    let token = parts.headers["authorization"].as_bytes();
    for part in token.split(|byte| b" .,".contains(byte)).filter(|part| part.len() > 8) {
        assert!(!line.to_string().contains(&*String::from_utf8_lossy(part)), "{line}");
    }
    assert!(!line.to_string().contains("ada"), "{line}");
    line["fields"]["reason"].as_str().unwrap().to_owned()
}

#[test]
fn each_kind_of_refusal_has_its_own_reason() {
    let now = get_current_timestamp();
    let signed = |claims: &Value| token(&header(), claims, SECRET);
    let headed = |header: &Value| token_with_header(header, SECRET);
    let bearer = |token: &str| parts(&format!("Bearer {token}"));
    let mut twice = bearer("ada");
    twice.headers.append("authorization", "Bearer ada".parse().unwrap());
    let refused = [
        (twice, "twice"),
        (parts("Basic YWRhOmh1c2h1c2g="), "another scheme"),
        (parts("Bearer adaadaada two"), "no bearer token"),
        (bearer("adaadaada"), "three parts"),
        (bearer("ada.ada.ada"), "header cannot be read"),
        (bearer(&headed(&json!("adaadaada"))), "header cannot be read"),
        (bearer(&headed(&json!({"typ": "JWT", "alg": "HS256", "crit": null}))), "extension"),
        (bearer(&headed(&json!({"typ": "adaadaada", "alg": "HS256"}))), "type"),
        (
            bearer(&token(
                &Header { kid: Some("adaadaada".into()), ..header() },
                &json!({}),
                SECRET,
            )),
            "key",
        ),
        (bearer(&headed(&json!({"typ": "JWT", "alg": "none"}))), "algorithm"),
        (bearer(&token(&header(), &with("sub", json!("ada")), OTHER)), "signature"),
        (bearer(&signed(&with("exp", json!(now - 1)))), "expired"),
        (bearer(&signed(&with("nbf", json!(now + 100)))), "not valid yet"),
        (bearer(&signed(&with("iss", json!("https://ada.example")))), "issuer"),
        (bearer(&signed(&with("iss", json!([])))), "issuer"),
        (bearer(&signed(&with("aud", json!("https://ada.example")))), "audience"),
        (bearer(&signed(&with("exp", Value::Null))), "claims cannot be read"),
        (bearer(&signed(&json!("adaadaada, the claims"))), "claims cannot be read"),
        (bearer(&signed(&with("sub", json!("ada\nada")))), "no identity"),
    ];
    for (parts, expected) in refused {
        let reason = reason(&parts);
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
}

#[test]
fn what_is_accepted_or_anonymous_is_not_logged() {
    let token = token(&header(), &with("aud", json!(AUDIENCE)), SECRET);
    let mut anonymous = parts("");
    anonymous.headers.clear();
    let lines = logged(|| {
        is_accepted(&bearer(), &token);
        let answer = futures::executor::block_on(bearer().authenticate(&anonymous));
        assert!(matches!(answer, Authentication::Anonymous));
    });
    assert_eq!(lines, Vec::<Value>::new());
}
