//! What the layer answers itself, and what the log is told then.

use crate::context::RequestContext;
use crate::session::SessionError;
use crate::tower::Challenge;
use crate::tower::ExtensionsError;
use crate::tower::rejection::Protocol;
use bytes::Bytes;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use std::error::Error;
use std::fmt;

/// Why a request is not let in.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No session has the token.
    NotFound,
    /// Two tokens, or a credential of another kind.
    Ambiguous,
    /// The session belongs to somebody else than the request is authenticated for.
    OfAnother,
    /// The session was begun before the user was authenticated.
    OfNobody,
    /// A page of another origin opens a WebSocket with the cookie.
    OfOtherOrigin,
    /// The store was not heard, so nobody knows.
    Unavailable(SessionError),
    /// The request has no context, or not the one that the layer runs in.
    NoContext(ExtensionsError),
}

/// HTTP status, gRPC status, body. gRPC-Web and gRPC know no cookies of other origins.
type Terms = (StatusCode, &'static str, &'static str);

impl Refusal {
    fn terms(&self) -> Terms {
        match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "5",
                r#"{"error":"session_not_found","message":"the session is not there or no longer; begin a new one"}"#,
            ),
            Self::Ambiguous | Self::OfAnother => (
                StatusCode::UNAUTHORIZED,
                "16",
                r#"{"error":"session_rejected","message":"the session is not accepted with this request; authenticate again"}"#,
            ),
            Self::OfNobody => (
                StatusCode::UNAUTHORIZED,
                "16",
                r#"{"error":"session_rejected","message":"the session was begun before the user was authenticated; send the request without its token"}"#,
            ),
            Self::OfOtherOrigin => (
                StatusCode::FORBIDDEN,
                "7",
                r#"{"error":"origin_not_allowed","message":"pages of this origin may not open a WebSocket here"}"#,
            ),
            Self::Unavailable(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "14",
                r#"{"error":"session_unavailable","message":"the session cannot be looked up now; try again later"}"#,
            ),
            Self::NoContext(_) => (StatusCode::INTERNAL_SERVER_ERROR, "13", ""),
        }
    }

    /// The response, in the terms of the request.
    pub(super) fn respond(
        self,
        protocol: Protocol,
        context: Option<&RequestContext>,
    ) -> Response<Bytes> {
        let (status, grpc_status, body) = self.terms();
        // Has what every refusal has: not to be stored, and a length or the type of gRPC.
        let mut response = protocol.unavailable().map(|()| Bytes::new());
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            let challenge: Option<&Challenge> = context.and_then(RequestContext::get);
            headers.insert(WWW_AUTHENTICATE, challenge.cloned().unwrap_or_default().into());
        }
        if protocol != Protocol::Http {
            let name = HeaderName::from_static("grpc-status");
            headers.insert(name, HeaderValue::from_static(grpc_status));
            return response;
        }
        headers.insert(CONTENT_LENGTH, body.len().into());
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        *response.status_mut() = status;
        response.map(|_| Bytes::from_static(body.as_bytes()))
    }
}

/// For the log.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => NOT_FOUND,
            Self::Ambiguous => {
                "a request has two session tokens, or a credential of another kind; it is rejected"
            }
            Self::OfAnother => {
                "a request is authenticated for somebody else than its session, which it does not get"
            }
            Self::OfNobody => {
                "a request is authenticated, and its session was begun by nobody; it is rejected"
            }
            Self::OfOtherOrigin => {
                "a page of another origin would open a WebSocket with the session cookie; \
                 if it is yours, name it by `SessionCookie::allowed_origins`"
            }
            Self::Unavailable(_) => "the session of a request cannot be looked up",
            Self::NoContext(error) if error.is_mismatch() => {
                "a `SessionLayer` runs in the context of another request than its own; \
                 hand the request on in the scope that it came in, or in none"
            }
            Self::NoContext(_) => {
                "a `SessionLayer` found no `RequestContext`; \
                 put `request_context::tower::RequestContextLayer` around it"
            }
        })
    }
}

impl Error for Refusal {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unavailable(error) => Some(error),
            Self::NoContext(error) => Some(error),
            _ => None,
        }
    }
}

/// A token that no session has is worth a line (OWASP Session Management Cheat Sheet, "Permissive and
/// Strict"), though most of them have just expired.
const NOT_FOUND: &str =
    "a request has a token that no session has: dead, malformed, or never given out";

/// Tells the log of a token that is not taken notice of.
#[cfg(feature = "tracing")]
pub(super) fn log_dead_token() {
    tracing::debug!("{NOT_FOUND}");
}

#[cfg(not(feature = "tracing"))]
pub(super) fn log_dead_token() {}

/// Tells the log that the session cookie may go over plain http.
#[cfg(feature = "tracing")]
pub(super) fn log_insecure_cookie() {
    tracing::warn!(
        "on localhost the session cookie is without `Secure` and `__Host-`, \
         by `SessionCookie::insecure_on_localhost`; in production leave that out"
    );
}

#[cfg(not(feature = "tracing"))]
pub(super) fn log_insecure_cookie() {}

/// Tells the log why a request is not let in.
#[cfg(feature = "tracing")]
pub(super) fn log(refusal: &Refusal, parts: Option<&Parts>) {
    match refusal {
        Refusal::NotFound => log_dead_token(),
        Refusal::Ambiguous | Refusal::OfAnother | Refusal::OfNobody | Refusal::OfOtherOrigin => {
            tracing::warn!("{refusal}");
        }
        Refusal::Unavailable(error) => {
            let source = error.source().map(tracing::field::display);
            tracing::error!(error = %error, error.source = source, "{refusal}");
        }
        Refusal::NoContext(_) => {
            let method = parts.map(|parts| parts.method.as_str());
            let path = parts.map(|parts| parts.uri.path());
            tracing::error!(http.request.method = method, url.path = path, "{refusal}");
        }
    }
}

#[cfg(not(feature = "tracing"))]
pub(super) fn log(_: &Refusal, _: Option<&Parts>) {}
