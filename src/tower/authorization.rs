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
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    if is_repeated(headers) {
        return Err(AuthorizationError { fault: Fault::Repeated });
    }
    let token = value.to_str().map_err(|_| Fault::Malformed).and_then(token_of);
    token.map(Some).map_err(|fault| AuthorizationError { fault })
}

/// Whether there are two credentials, of which two readers might each take another one.
pub(super) fn is_repeated(headers: &HeaderMap) -> bool {
    let is_any_repeated = headers.len() > headers.keys_len();
    is_any_repeated && headers.get_all(AUTHORIZATION).iter().nth(1).is_some()
}

fn token_of(credential: &str) -> Result<&str, Fault> {
    const SCHEME: &str = "bearer";
    let (scheme, rest) = credential.split_at_checked(SCHEME.len()).unwrap_or((credential, ""));
    let token = rest.trim_start_matches(' ');
    let is_whole = rest.is_empty() || rest.starts_with(' ');
    if credential.is_empty() || credential.starts_with(' ') {
        Err(Fault::Malformed)
    } else if !is_whole || !scheme.eq_ignore_ascii_case(SCHEME) {
        Err(Fault::OtherScheme)
    } else if !is_b64token(token) {
        Err(Fault::Malformed)
    } else {
        Ok(token)
    }
}

/// The syntax `b64token` of RFC 6750.
fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let is_legal = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
    };
    !body.is_empty() && body.bytes().all(is_legal)
}

/// The `Authorization` header is there, but not as one bearer token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationError {
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Repeated,
    OtherScheme,
    Malformed,
}

impl AuthorizationError {
    /// Whether the header is there more than once: two readers might each take another one.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        self.fault == Fault::Repeated
    }

    /// Whether the credential is of another scheme than `Bearer`, such as `Basic`: for a service that
    /// takes both.
    #[must_use]
    pub fn is_other_scheme(&self) -> bool {
        self.fault == Fault::OtherScheme
    }

    /// Whether what follows the scheme is no token, or the header is not even ASCII text with a scheme.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.fault == Fault::Malformed
    }
}

/// Without the credential.
impl fmt::Display for AuthorizationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.fault {
            Fault::Repeated => "the `Authorization` header is there twice; reject the request",
            Fault::OtherScheme => {
                "the `Authorization` header has another scheme than `Bearer`; \
                 read it by that one, or reject the request"
            }
            Fault::Malformed => "the `Authorization` header is no bearer token; reject the request",
        })
    }
}

impl Error for AuthorizationError {}
