//! Who a request is for, as authentication or a sign-in found out.

use crate::context::ContextValue;
use crate::context::Reach;
use crate::context::RequestContext;
use crate::context::SessionId;
#[cfg(feature = "owner")]
use crate::context::TenantId;
use crate::context::UserId;
use crate::context::request_context::Parts;
use crate::context::values::Value;
use crate::context::values::Values;

/// A user, perhaps a session, and what else is known about the user: roles, a tenant.
///
/// ```
/// use request_context::ContextValue;
/// use request_context::tower::Identity;
///
/// struct Roles(Vec<String>);
/// impl ContextValue for Roles {}
///
/// let identity = Identity::new("ada".parse()?).insert(Roles(vec!["nurse".into()]));
/// # Ok::<_, request_context::InvalidId>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "an identity does nothing until it is part of a context"]
pub struct Identity {
    /// `None` only for a session of nobody, which the session layer announces.
    pub(super) user: Option<UserId>,
    pub(super) session: Option<SessionId>,
    pub(super) values: Values,
    /// Nobody has signed in, a session was begun: what the context has stays.
    pub(super) only_adds: bool,
}

impl Identity {
    /// The identity of `user`.
    pub fn new(user: UserId) -> Self {
        Self { user: Some(user), session: None, values: Values::default(), only_adds: false }
    }

    /// Adds the session.
    pub fn session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// Who `context` is for, with all values that reach its children.
    pub(crate) fn of(context: &RequestContext) -> Self {
        let parts = &context.record().parts;
        let values = parts.values.reaching(Reach::Children);
        Self { user: parts.user.clone(), session: parts.session.clone(), values, only_adds: false }
    }

    /// Of nobody: what the session of an anonymous visitor has.
    #[cfg(feature = "session")]
    pub(crate) fn of_nobody() -> Self {
        Self { user: None, session: None, values: Values::default(), only_adds: false }
    }

    /// The session that a request of `user`, which nobody has signed in to, has begun.
    #[cfg(feature = "session")]
    pub(super) fn beginning(user: Option<UserId>) -> Self {
        Self { user, session: None, values: Values::default(), only_adds: true }
    }

    /// Adds a value, in the place of one of the same type.
    pub fn insert(mut self, value: impl ContextValue) -> Self {
        self.values.insert(Value::new(value));
        self
    }

    /// Adds a value, unless there is one of the same type.
    #[cfg(all(feature = "access", feature = "tower-jwt"))]
    pub(crate) fn or_insert<T: ContextValue>(self, value: T) -> Self {
        if self.values.get::<T>().is_some() { self } else { self.insert(value) }
    }
}

impl Parts {
    /// Sets user and session: one that was begun before is never taken along (session fixation). Of
    /// what another user had before, or the same name in another tenant, nothing stays but the values
    /// that the layer gives to all. An identity without a tenant is one in the tenant of the context.
    pub(super) fn identify(&mut self, identity: Identity) {
        let Identity { user, session, values, only_adds: _ } = identity;
        let is_other_user = self.user.is_some() && self.user != user;
        if is_other_user || self.is_of_another_tenant(&values) {
            self.values = self.liveness.shared_values();
        }
        self.user = user;
        self.set_session(session);
        for value in values.as_slice() {
            self.values.insert(value.clone());
        }
    }

    /// Whether the values name a tenant that this context, of a user or of a tenant, is not of.
    #[cfg(feature = "owner")]
    fn is_of_another_tenant(&self, values: &Values) -> bool {
        let before = self.values.get::<TenantId>();
        let is_somebodys = self.user.is_some() || before.is_some();
        values.get::<TenantId>().is_some_and(|tenant| is_somebodys && before != Some(tenant))
    }

    #[cfg(not(feature = "owner"))]
    fn is_of_another_tenant(&self, _: &Values) -> bool {
        false
    }
}
