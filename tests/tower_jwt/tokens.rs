//! What is accepted, and everything that is not.

use crate::support::AUDIENCE;
use crate::support::ISSUER;
use crate::support::OTHER;
use crate::support::SECRET;
use crate::support::bearer;
use crate::support::claims;
use crate::support::header;
use crate::support::is_accepted;
use crate::support::is_rejected;
use crate::support::outcome;
use crate::support::parts;
use crate::support::token;
use crate::support::token_with_header;
use crate::support::with;
use http::Request;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::get_current_timestamp;
use request_context::tower::Authenticate;
use request_context::tower::Authentication;
use request_context::tower::Identity;
use request_context::tower::jwt::JwtBearer;
use serde::Serialize;
use serde::Serializer;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

#[test]
fn a_token_that_holds_in_every_respect_names_the_user() {
    is_accepted(&bearer(), &token(&header(), &claims(), SECRET));
    is_accepted(&bearer(), &token(&header(), &with("aud", json!(["x", AUDIENCE])), SECRET));
}

#[test]
fn without_a_header_the_request_is_anonymous_and_with_another_scheme_rejected() {
    let none = Request::builder().body(()).unwrap().into_parts().0;
    let answer = futures::executor::block_on(bearer().authenticate(&none));
    assert!(matches!(answer, Authentication::Anonymous));
    let answer = futures::executor::block_on(bearer().authenticate(&parts("Basic YTpi")));
    assert!(matches!(answer, Authentication::Rejected(_)));
}

#[test]
fn each_required_claim_must_be_there_and_hold() {
    let now = get_current_timestamp();
    for claims in [
        with("exp", Value::Null),
        with("exp", json!(now - 1)),
        with("exp", json!(now)),
        with("exp", json!("soon")),
        with("nbf", Value::Null),
        with("nbf", json!(now + 100)),
        with("nbf", json!([])),
        with("iss", Value::Null),
        with("iss", json!("https://evil.example")),
        with("iss", json!([ISSUER])),
        with("aud", Value::Null),
        with("aud", json!("https://other.example")),
        with("aud", json!([])),
        with("sub", Value::Null),
        with("sub", json!("")),
        with("sub", json!("two\nlines")),
        with("sub", json!(7)),
    ] {
        assert_eq!(outcome(&bearer(), &token(&header(), &claims, SECRET)), "rejected", "{claims}");
    }
}

#[test]
fn leeway_forgives_no_more_than_was_said_and_a_minute_at_most() {
    let now = get_current_timestamp();
    let expired = token(&header(), &with("exp", json!(now - 20)), SECRET);
    let early = token(&header(), &with("nbf", json!(now + 20)), SECRET);
    for (leeway, is_forgiven) in [(30, true), (10, false)] {
        let bearer = bearer().leeway(Duration::from_secs(leeway)).unwrap();
        for token in [&expired, &early] {
            assert_eq!(outcome(&bearer, token) != "rejected", is_forgiven, "{leeway}");
        }
    }
    is_rejected(&bearer(), &expired);
    assert!(bearer().leeway(Duration::from_secs(61)).unwrap_err().is_long_leeway());
}

#[test]
fn the_type_must_be_the_expected_one() {
    let typed = |typ: Option<&str>| {
        let header = Header { typ: typ.map(Into::into), ..header() };
        token(&header, &claims(), SECRET)
    };
    let access = || bearer().token_type("at+jwt");
    is_accepted(&bearer(), &typed(Some("jwt")));
    is_accepted(&access(), &typed(Some("at+JWT")));
    is_accepted(&access(), &typed(Some("application/at+jwt")));
    for typ in [None, Some("at+jwt"), Some("")] {
        is_rejected(&bearer(), &typed(typ));
    }
    is_rejected(&access(), &typed(Some("JWT")));
}

#[test]
fn a_key_is_for_its_own_algorithm_alone() {
    let stronger = Header { alg: Algorithm::HS512, ..header() };
    is_rejected(&bearer(), &token(&stronger, &claims(), SECRET));
    // `{"alg":"none","typ":"JWT","kid":"one"}` and no signature.
    let signed = token(&header(), &claims(), SECRET);
    let payload = signed.split('.').nth(1).unwrap();
    is_rejected(
        &bearer(),
        &format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoib25lIn0.{payload}."),
    );
}

#[test]
fn a_public_key_does_not_pass_for_a_shared_secret() {
    let pem = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA2+Jj2UvNCvQiUPNYRgSi0cJSPiJI6Rs6D0UTeEpQVj8=\n-----END PUBLIC KEY-----";
    let key = DecodingKey::from_ed_pem(pem).unwrap();
    let bearer = JwtBearer::new(ISSUER, AUDIENCE).key("one", Algorithm::EdDSA, key).unwrap();
    is_rejected(&bearer, &token(&header(), &claims(), pem));
}

#[test]
fn keys_rotate_by_their_ids() {
    let both = || bearer().key("two", Algorithm::HS256, DecodingKey::from_secret(OTHER)).unwrap();
    let named = |id: Option<&str>, secret| {
        token(&Header { kid: id.map(Into::into), ..header() }, &claims(), secret)
    };
    is_accepted(&both(), &named(Some("one"), SECRET));
    is_accepted(&both(), &named(Some("two"), OTHER));
    is_rejected(&both(), &named(Some("one"), OTHER));
    is_rejected(&both(), &named(Some("three"), OTHER));
    is_rejected(&both(), &named(None, SECRET));
    is_accepted(&bearer(), &named(None, SECRET));
    is_rejected(&bearer(), &named(Some("two"), OTHER));
    let error = both().key("two", Algorithm::HS384, DecodingKey::from_secret(OTHER)).unwrap_err();
    assert!(error.is_duplicate_key_id());
}

#[test]
fn no_key_is_taken_from_the_header() {
    let header = Header {
        jku: Some("https://evil.example/keys".into()),
        x5u: Some("https://evil.example/cert".into()),
        ..header()
    };
    is_accepted(&bearer(), &token(&header, &claims(), SECRET));
    is_rejected(&bearer(), &token(&header, &claims(), OTHER));
}

#[test]
fn what_was_changed_or_is_no_token_is_rejected() {
    let signed = token(&header(), &claims(), SECRET);
    let [head, payload, signature] = signed.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let other = token(&header(), &with("sub", json!("root")), OTHER);
    let forged = other.split('.').nth(1).unwrap();
    for token in [
        format!("{head}.{forged}.{signature}"),
        format!("{head}.{payload}."),
        format!("{head}.{payload}"),
        format!("{signed}.x"),
        format!("{signed}, {signed}"),
        "x".into(),
        "..".into(),
        "a".repeat(100_000),
    ] {
        is_rejected(&bearer(), &token);
    }
}

#[test]
fn the_identity_can_be_made_of_other_claims() {
    let bearer = bearer().identify(|claims| {
        let user = claims.get("email")?.as_str()?;
        Some(Identity::new(user.parse().ok()?))
    });
    is_rejected(&bearer, &token(&header(), &claims(), SECRET));
    is_accepted(&bearer, &token(&header(), &with("email", json!("ada")), SECRET));
}

#[test]
fn a_critical_extension_is_not_understood_whatever_it_says() {
    let base = json!({"typ": "JWT", "alg": "HS256", "kid": "one"});
    is_accepted(&bearer(), &token_with_header(&base, SECRET));
    for crit in [json!(null), json!([]), json!(["b64"]), json!(["exp"]), json!("b64"), json!(false)]
    {
        let mut header = base.clone();
        header["crit"] = crit;
        is_rejected(&bearer(), &token_with_header(&header, SECRET));
    }
}

#[test]
fn a_header_is_read_strictly() {
    for header in [
        json!([]),
        json!({"typ": "JWT", "alg": "HS256", "kid": null}),
        json!({"typ": "JWT", "alg": "HS256", "kid": 1}),
        json!({"typ": "JWT", "alg": "hs256", "kid": "one"}),
        json!({"typ": "JWT", "kid": "one"}),
        json!({"typ": ["JWT"], "alg": "HS256", "kid": "one"}),
        json!({"typ": null, "alg": "HS256", "kid": "one"}),
        json!({"typ": "JWT", "alg": "HS256", "kid": "one", "x5c": "no list"}),
    ] {
        is_rejected(&bearer(), &token_with_header(&header, SECRET));
    }
}

#[test]
fn a_member_of_the_header_that_is_there_twice_is_not_read_at_all() {
    struct Members(Vec<(&'static str, &'static str)>);
    impl Serialize for Members {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().copied())
        }
    }
    let once = [("typ", "JWT"), ("alg", "HS256"), ("kid", "one")];
    is_accepted(&bearer(), &token_with_header(&Members(once.into()), SECRET));
    for member in once {
        let twice = Members([&once[..], &[member]].concat());
        is_rejected(&bearer(), &token_with_header(&twice, SECRET));
    }
}
