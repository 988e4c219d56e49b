//! What the extractors answer where they cannot give what they are asked for.

use crate::context::MissingIdentity;
use crate::tower::ExtensionsError;
#[cfg(feature = "axum-ws")]
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum_core::response::IntoResponse;
use axum_core::response::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use std::error::Error;
use std::fmt;

/// The request has no context, or not the one that the code runs in.
///
/// A fault of the server: the response is 500 and empty. The remedy was logged when the extractor
/// failed (feature `tracing`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextRejection {
    error: ExtensionsError,
}

impl ContextRejection {
    /// Logs the fault; the only way to make a rejection, so that none is silent.
    pub(super) fn report(error: ExtensionsError, parts: &Parts) -> Self {
        let rejection = Self { error };
        log(&rejection, parts);
        rejection
    }

    /// Whether no layer made a context for the request.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.error.is_missing()
    }

    /// Whether the code runs in the context of another request.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        self.error.is_mismatch()
    }
}

#[cfg(feature = "tracing")]
fn log(rejection: &ContextRejection, parts: &Parts) {
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    tracing::error!(http.request.method = method, url.path = path, "{rejection}");
}

#[cfg(not(feature = "tracing"))]
fn log(_: &ContextRejection, _: &Parts) {}

impl fmt::Display for ContextRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_mismatch() {
            "an extractor runs in the context of another request than its own; \
             hand the request on in the scope that it came in, or in none"
        } else {
            "an extractor found no `RequestContext`; \
             put `request_context::tower::RequestContextLayer` around the finished `Router`, \
             since `Router::layer` leaves out the routes that are added after it"
        })
    }
}

impl Error for ContextRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

impl IntoResponse for ContextRejection {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

/// The request has no user, or no session, or not even a context.
///
/// 401 with `WWW-Authenticate: Bearer` and an empty body (RFC 6750, section 3.1); without a context
/// that of [`ContextRejection`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRejection {
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Missing(MissingIdentity),
    Context(ContextRejection),
}

impl IdentityRejection {
    /// What is missing, if it is user or session; else the fault is the server's.
    #[must_use]
    pub fn missing_identity(&self) -> Option<&MissingIdentity> {
        match &self.why {
            Why::Missing(missing) => Some(missing),
            Why::Context(_) => None,
        }
    }
}

impl From<MissingIdentity> for IdentityRejection {
    fn from(missing: MissingIdentity) -> Self {
        Self { why: Why::Missing(missing) }
    }
}

impl From<ContextRejection> for IdentityRejection {
    fn from(rejection: ContextRejection) -> Self {
        Self { why: Why::Context(rejection) }
    }
}

impl fmt::Display for IdentityRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Missing(missing) => missing.fmt(f),
            Why::Context(rejection) => rejection.fmt(f),
        }
    }
}

impl Error for IdentityRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.why {
            Why::Missing(_) => None,
            Why::Context(rejection) => rejection.source(),
        }
    }
}

impl IntoResponse for IdentityRejection {
    fn into_response(self) -> Response {
        match self.why {
            Why::Missing(_) => {
                let headers = [(WWW_AUTHENTICATE, "Bearer"), (CACHE_CONTROL, "no-store")];
                (StatusCode::UNAUTHORIZED, headers).into_response()
            }
            Why::Context(rejection) => rejection.into_response(),
        }
    }
}

/// The request cannot become a WebSocket, by [axum's account](WebSocketUpgradeRejection); or it has
/// no context, as [`ContextRejection`] says.
#[cfg(feature = "axum-ws")]
#[derive(Debug)]
pub struct ContextWebSocketUpgradeRejection {
    why: WhyNoWebSocket,
}

#[cfg(feature = "axum-ws")]
#[derive(Debug)]
enum WhyNoWebSocket {
    Upgrade(WebSocketUpgradeRejection),
    Context(ContextRejection),
}

#[cfg(feature = "axum-ws")]
impl ContextWebSocketUpgradeRejection {
    /// What axum has against the request; if nothing, the fault is the server's.
    #[must_use]
    pub fn upgrade_rejection(&self) -> Option<&WebSocketUpgradeRejection> {
        match &self.why {
            WhyNoWebSocket::Upgrade(rejection) => Some(rejection),
            WhyNoWebSocket::Context(_) => None,
        }
    }
}

#[cfg(feature = "axum-ws")]
impl From<WebSocketUpgradeRejection> for ContextWebSocketUpgradeRejection {
    fn from(rejection: WebSocketUpgradeRejection) -> Self {
        Self { why: WhyNoWebSocket::Upgrade(rejection) }
    }
}

#[cfg(feature = "axum-ws")]
impl From<ContextRejection> for ContextWebSocketUpgradeRejection {
    fn from(rejection: ContextRejection) -> Self {
        Self { why: WhyNoWebSocket::Context(rejection) }
    }
}

#[cfg(feature = "axum-ws")]
impl fmt::Display for ContextWebSocketUpgradeRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            WhyNoWebSocket::Upgrade(rejection) => rejection.fmt(f),
            WhyNoWebSocket::Context(rejection) => rejection.fmt(f),
        }
    }
}

#[cfg(feature = "axum-ws")]
impl Error for ContextWebSocketUpgradeRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.why {
            WhyNoWebSocket::Upgrade(rejection) => rejection.source(),
            WhyNoWebSocket::Context(rejection) => rejection.source(),
        }
    }
}

#[cfg(feature = "axum-ws")]
impl IntoResponse for ContextWebSocketUpgradeRejection {
    fn into_response(self) -> Response {
        match self.why {
            WhyNoWebSocket::Upgrade(rejection) => rejection.into_response(),
            WhyNoWebSocket::Context(rejection) => rejection.into_response(),
        }
    }
}
