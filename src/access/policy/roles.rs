//! What a user is.

use super::role::Role;
use crate::context::ContextValue;
use std::borrow::Cow;

/// What the user is: `doctor`, `nurse`. A [`ContextValue`] for the
/// [identity](crate::RequestContext::to_builder), from where the user is authenticated. It is
/// authority, so detached work does not have it.
///
/// ```
/// use request_context::access::policy::Roles;
///
/// let roles = Roles::new(["doctor"]);
/// assert!(roles.contains("doctor") && !roles.contains("nurse"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl ContextValue for Roles {}

impl Roles {
    /// These roles.
    #[must_use]
    pub fn new<I: IntoIterator<Item: Into<Cow<'static, str>>>>(roles: I) -> Self {
        Self(roles.into_iter().map(Role::new).collect())
    }

    /// Whether `role` is one of them, to the letter.
    #[must_use]
    pub fn contains(&self, role: &str) -> bool {
        self.iter().any(|other| other == role)
    }

    #[inline]
    pub(super) fn has(&self, role: &Role) -> bool {
        self.0.contains(role)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Role::name)
    }
}
