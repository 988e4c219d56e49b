//! What the extractors answer where they cannot give what they are asked for.

use crate::context::MissingIdentity;
use crate::context::RequestContext;
use crate::tower::Challenge;
use crate::tower::ExtensionsError;
use crate::tower::Protocol;
#[cfg(feature = "axum-ws")]
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum_core::body::Body;
use axum_core::response::IntoResponse;
use axum_core::response::Response;
use http::request::Parts;
use std::error::Error;
use std::fmt;

/// The request has no context, or not the one that the code runs in.
///
/// A fault of the server: the response is 500 and empty; for gRPC, 200 with `grpc-status` 13. The
/// remedy was logged when the extractor failed (feature `tracing`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextRejection {
    error: ExtensionsError,
    protocol: Protocol,
}

impl ContextRejection {
    /// Logs the fault; the only way to make a rejection, so that none is silent.
    pub(super) fn report(error: ExtensionsError, parts: &Parts) -> Self {
        let rejection = Self { error, protocol: Protocol::of(parts) };
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
        self.protocol.internal().map(|()| Body::empty())
    }
}

/// The request has no user, or no session, or not even a context.
///
/// 401 with the [`Challenge`] of the context, `Bearer` by default, and an empty body; for gRPC and
/// gRPC-Web, 200 with `grpc-status` 16 and the same challenge. Without a context the response of
/// [`ContextRejection`].
///
/// One that is made from a [`MissingIdentity`], by `?` in a handler, does not know its request: it
/// speaks plain HTTP, with the challenge of the context that is current there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRejection {
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Missing { identity: MissingIdentity, challenge: Challenge, protocol: Protocol },
    Context(ContextRejection),
}

impl IdentityRejection {
    /// Answers the request of these parts, which is of that context.
    pub(super) fn missing(
        identity: MissingIdentity,
        context: &RequestContext,
        parts: &Parts,
    ) -> Self {
        let (challenge, protocol) = (Challenge::of(context), Protocol::of(parts));
        Self { why: Why::Missing { identity, challenge, protocol } }
    }

    /// What is missing, if it is user or session; else the fault is the server's.
    #[must_use]
    pub fn missing_identity(&self) -> Option<&MissingIdentity> {
        match &self.why {
            Why::Missing { identity, .. } => Some(identity),
            Why::Context(_) => None,
        }
    }
}

impl From<MissingIdentity> for IdentityRejection {
    fn from(identity: MissingIdentity) -> Self {
        let challenge = RequestContext::try_with(Challenge::of).unwrap_or_default();
        Self { why: Why::Missing { identity, challenge, protocol: Protocol::Http } }
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
            Why::Missing { identity, .. } => identity.fmt(f),
            Why::Context(rejection) => rejection.fmt(f),
        }
    }
}

impl Error for IdentityRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.why {
            Why::Missing { .. } => None,
            Why::Context(rejection) => rejection.source(),
        }
    }
}

impl IntoResponse for IdentityRejection {
    fn into_response(self) -> Response {
        match self.why {
            Why::Missing { challenge, protocol, .. } => {
                protocol.unauthorized(challenge.into()).map(|()| Body::empty())
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
