//! [`Challenge`]: how a client that has to authenticate is told so.

use crate::context::ContextValue;
#[cfg(feature = "axum")]
use crate::context::RequestContext;
use http::HeaderValue;

/// The `WWW-Authenticate` of a 401 for a request that has no user or no session (RFC 9110, section
/// 11.6.1): `Bearer`, unless the layer is given another.
///
/// ```
/// use request_context::tower::Challenge;
/// use request_context::tower::RequestContextLayer;
///
/// let layer = RequestContextLayer::new().insert(Challenge::from_static("Basic realm=\"notes\""));
/// ```
///
/// It is a value of the context, so part of a service can have its own: in a scope of a context
/// [derived](crate::RequestContext::to_builder) with another. What the layer itself answers to a
/// credential that is not accepted is up to the [authenticator](super::Authentication::Rejected).
///
/// A 401 without a challenge is none. Where users sign in by a form there is no scheme that is
/// registered; name one that no browser asks for a password for, or answer with a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    value: HeaderValue,
}

impl Challenge {
    /// For a bearer token that is not accepted (RFC 6750, section 3.1).
    pub(super) const INVALID_TOKEN: HeaderValue =
        HeaderValue::from_static("Bearer error=\"invalid_token\"");
    /// For a request that has two credentials.
    pub(super) const INVALID_REQUEST: HeaderValue =
        HeaderValue::from_static("Bearer error=\"invalid_request\"");

    /// One challenge, or several with commas between them.
    ///
    /// # Panics
    /// If the text cannot stand in a header: only printable ASCII can, and space.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self { value: HeaderValue::from_static(text) }
    }

    /// The challenge for requests of `context`.
    #[cfg(feature = "axum")]
    pub(crate) fn of(context: &RequestContext) -> Self {
        context.get().cloned().unwrap_or_default()
    }
}

impl ContextValue for Challenge {}

/// `Bearer` (RFC 6750, section 3).
impl Default for Challenge {
    fn default() -> Self {
        Self::from_static("Bearer")
    }
}

impl From<HeaderValue> for Challenge {
    fn from(value: HeaderValue) -> Self {
        Self { value }
    }
}

impl From<Challenge> for HeaderValue {
    fn from(challenge: Challenge) -> Self {
        challenge.value
    }
}
