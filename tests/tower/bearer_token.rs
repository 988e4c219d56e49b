//! Which `Authorization` headers are one bearer token.

use http::HeaderMap;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use request_context::tower::bearer_token;

fn headers(values: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

#[test]
fn without_the_header_there_is_none() {
    assert_eq!(bearer_token(&HeaderMap::new()), Ok(None));
    let mut others = HeaderMap::new();
    others.insert("proxy-authorization", HeaderValue::from_static("Bearer a"));
    assert_eq!(bearer_token(&others), Ok(None));
}

#[test]
fn the_scheme_is_compared_without_case_and_the_token_is_exact() {
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        for token in ["Ada", "ada", "ADA", "a", "abc.DEF-123_~+/=="] {
            let headers = headers(&[format!("{scheme} {token}").as_bytes()]);
            assert_eq!(bearer_token(&headers), Ok(Some(token)), "{scheme}");
        }
    }
    // RFC 9110, section 11.4: one space or more.
    assert_eq!(bearer_token(&headers(&[b"Bearer   ada"])), Ok(Some("ada")));
}

#[test]
fn what_is_no_token_of_rfc_6750_is_an_error_and_not_none() {
    let malformed: &[&[u8]] = &[
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer  ",
        b"Bearerada",
        b"Bearer\tada",
        b"Bearer \tada",
        b"Bearer ada ",
        b"Bearer ada bob",
        b"Bearer ada,bob",
        b"Bearer ada, Bearer bob",
        b"Bearer =",
        b"Bearer a=b",
        b"Bearer \"ada\"",
        b"Bearer ada;x=1",
        b"Bearer ad\xe4",
        b"Bearer ad\xc3\xa4",
        b"Bear ada",
        b"Basic YTpi",
        b"Token ada",
        b" Bearer ada",
        b"ada",
    ];
    for value in malformed {
        let error = bearer_token(&headers(&[value])).expect_err(&String::from_utf8_lossy(value));
        assert!(!error.to_string().contains("ada"), "a credential is never printed");
    }
}

#[test]
fn two_headers_are_an_error_even_if_they_are_equal() {
    assert!(bearer_token(&headers(&[b"Bearer ada", b"Bearer bob"])).is_err());
    assert!(bearer_token(&headers(&[b"Bearer ada", b"Bearer ada"])).is_err());
    assert!(bearer_token(&headers(&[b"Bearer ada", b""])).is_err());
}

#[test]
fn an_error_says_which_of_three_it_is() {
    let what = |values: &[&[u8]]| {
        let error = bearer_token(&headers(values)).unwrap_err();
        [error.is_repeated(), error.is_other_scheme(), error.is_malformed()]
    };
    assert_eq!(what(&[b"Bearer ada", b"Bearer ada"]), [true, false, false]);
    assert_eq!(what(&[b"Basic YTpi", b"Bearer ada"]), [true, false, false]);
    for other in [&b"Basic YTpi"[..], b"Basic", b"Bearerada", b"ada", b"Bear \"ada\""] {
        assert_eq!(what(&[other]), [false, true, false]);
    }
    for malformed in [&b""[..], b"Bearer", b"bearer ", b"Bearer ada bob", b" Basic ada", b"B\xe4"] {
        assert_eq!(what(&[malformed]), [false, false, true]);
    }
}
