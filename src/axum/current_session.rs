//! [`CurrentSession`]: the session of the request, or 401.

use super::rejection::ContextRejection;
use super::rejection::IdentityRejection;
use super::request_context::context_of;
use crate::context::SessionId;
use axum_core::extract::FromRequestParts;
use axum_core::extract::OptionalFromRequestParts;
use http::request::Parts;
use std::ops::Deref;

/// The session that the request belongs to.
///
/// A request without one is rejected with 401 and the [`Challenge`](crate::tower::Challenge) of the
/// layer: the client has to sign in,
/// perhaps again, and then the same request may succeed (RFC 9110, section 15.5.2), which 403 would
/// deny. For `Option<CurrentSession>` it is `None`, and nothing else is.
///
/// This is the ID that the request came with. What the session holds is reached by the extractor
/// `session::Session` (feature `tower-session`), which a request without a session has too.
///
/// # Errors
/// [`IdentityRejection`], for an `Option` [`ContextRejection`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CurrentSession(pub SessionId);

impl Deref for CurrentSession {
    type Target = SessionId;

    fn deref(&self) -> &SessionId {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentSession {
    type Rejection = IdentityRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, IdentityRejection> {
        let context = context_of(parts)?;
        let session = context.require_session().cloned();
        let session =
            session.map_err(|error| IdentityRejection::missing(error, &context, parts))?;
        Ok(Self(session))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for CurrentSession {
    type Rejection = ContextRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, ContextRejection> {
        Ok(context_of(parts)?.session().cloned().map(Self))
    }
}
