//! [`CurrentUser`]: the user of the request, or 401.

use super::rejection::ContextRejection;
use super::rejection::IdentityRejection;
use super::request_context::context_of;
use crate::context::UserId;
use axum_core::extract::FromRequestParts;
use axum_core::extract::OptionalFromRequestParts;
use http::request::Parts;
use std::ops::Deref;

/// The user that the request is authenticated for.
///
/// An anonymous request is rejected with 401 and the [`Challenge`](crate::tower::Challenge) of the
/// layer; for `Option<CurrentUser>` it is
/// `None`. Nothing else is: a credential that is not accepted never gets as far as the handler, and
/// a request without a context is a fault of the server.
///
/// # Errors
/// [`IdentityRejection`], for an `Option` [`ContextRejection`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CurrentUser(pub UserId);

impl Deref for CurrentUser {
    type Target = UserId;

    fn deref(&self) -> &UserId {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = IdentityRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, IdentityRejection> {
        let context = context_of(parts)?;
        let user = context.require_user().cloned();
        let user = user.map_err(|error| IdentityRejection::missing(error, &context, parts))?;
        Ok(Self(user))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for CurrentUser {
    type Rejection = ContextRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, ContextRejection> {
        Ok(context_of(parts)?.user().cloned().map(Self))
    }
}
