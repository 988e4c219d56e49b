//! How the user was authenticated.

use crate::context::ContextValue;
use std::borrow::Cow;

/// How the user of the request was authenticated, a [`ContextValue`]: `"passkey"`, `"bearer token"`,
/// never the credential. Insert it where the identity is made; `JwtBearer` does. Where nobody says,
/// and the context has an open session of the user's, `session` is on record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthenticatedBy(Cow<'static, str>);

impl ContextValue for AuthenticatedBy {}

impl AuthenticatedBy {
    /// The way of this name.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// The name, as it is on record.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
