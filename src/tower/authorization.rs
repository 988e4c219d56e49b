//! Reads a bearer token out of the `Authorization` header.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use std::error::Error;
use std::fmt;

/// The bearer token of the request, if it has one (RFC 6750, section 2.1).
///
/// The scheme is compared without case (RFC 9110, section 11.1), the token is returned exactly.
///
/// # Errors
/// [`AuthorizationError`] if the header is there twice, or has another scheme, or is no token of RFC
/// 6750: a malformed credential is never the same as none.
pub fn bearer_token(headers: &HeaderMap) -> Result<Option<&str>, AuthorizationError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(AuthorizationError { _private: () });
    }
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        let token = token.trim_start_matches(' ');
        (scheme.eq_ignore_ascii_case("bearer") && is_b64token(token)).then_some(token)
    });
    token.map(Some).ok_or(AuthorizationError { _private: () })
}

/// The syntax `b64token` of RFC 6750.
fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty()
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

/// The `Authorization` header is there, but not as one bearer token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationError {
    _private: (),
}

impl fmt::Display for AuthorizationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the `Authorization` header is not one bearer token; reject the request")
    }
}

impl Error for AuthorizationError {}
