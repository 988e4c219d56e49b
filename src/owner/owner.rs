//! Whose something is.

use crate::context::NoContext;
use crate::context::RequestContext;
use crate::context::SessionId;
use crate::context::TenantId;
use crate::context::UserId;
use std::fmt;

/// Whose something is: as many of tenant, user and session as the context has.
///
/// Two owners are the same only if all three are. An owner without any of them is
/// [nobody](Self::is_nobody): what an anonymous request without a session has is nobody's.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    tenant: Option<TenantId>,
    user: Option<UserId>,
    session: Option<SessionId>,
}

impl Owner {
    /// Nobody: the owner of a session before anyone has logged in.
    #[inline]
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }

    /// The user, of no tenant and in no session in particular.
    #[inline]
    #[must_use]
    pub fn user(user: UserId) -> Self {
        Self { user: Some(user), ..Self::default() }
    }

    /// Whoever `context` is for.
    #[must_use]
    pub fn of(context: &RequestContext) -> Self {
        Whose::of(context).to_owner()
    }

    /// Whoever the current context is for.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line.
    #[must_use]
    #[track_caller]
    pub fn current() -> Self {
        RequestContext::with(Self::of)
    }

    /// Whoever the current context is for.
    ///
    /// # Errors
    /// [`NoContext`] outside a scope.
    pub fn try_current() -> Result<Self, NoContext> {
        RequestContext::try_with(Self::of)
    }

    /// The same, of `tenant`.
    #[inline]
    #[must_use]
    pub fn with_tenant(self, tenant: TenantId) -> Self {
        Self { tenant: Some(tenant), ..self }
    }

    /// The same, in `session`.
    #[inline]
    #[must_use]
    pub fn with_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    /// The same, in no session in particular: who a session belongs to.
    #[inline]
    #[must_use]
    pub fn without_session(self) -> Self {
        Self { session: None, ..self }
    }

    /// The tenant.
    #[inline]
    #[must_use]
    pub fn tenant_id(&self) -> Option<&TenantId> {
        self.tenant.as_ref()
    }

    /// The user.
    #[inline]
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    /// The session.
    #[inline]
    #[must_use]
    pub fn session_id(&self) -> Option<&SessionId> {
        self.session.as_ref()
    }

    #[inline]
    pub(crate) fn from_parts(
        tenant: Option<TenantId>,
        user: Option<UserId>,
        session: Option<SessionId>,
    ) -> Self {
        Self { tenant, user, session }
    }

    #[inline]
    pub(super) fn as_whose(&self) -> Whose<'_> {
        let Self { tenant, user, session } = self;
        Whose { tenant: tenant.as_ref(), user: user.as_ref(), session: session.as_ref() }
    }

    /// Whether there is no tenant, no user and no session.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        *self == Self::default()
    }
}

/// An [`Owner`] by reference.
#[derive(Clone, Copy)]
pub(super) struct Whose<'a> {
    pub(super) tenant: Option<&'a TenantId>,
    pub(super) user: Option<&'a UserId>,
    pub(super) session: Option<&'a SessionId>,
}

impl<'a> Whose<'a> {
    #[inline]
    pub(super) fn of(context: &'a RequestContext) -> Self {
        Self { tenant: context.get(), user: context.user(), session: context.session() }
    }

    pub(super) fn to_owner(self) -> Owner {
        let Self { tenant, user, session } = self;
        Owner { tenant: tenant.cloned(), user: user.cloned(), session: session.cloned() }
    }
}

/// In full, beginning with what most often tells two apart.
impl PartialEq for Whose<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.session == other.session && self.user == other.user && self.tenant == other.tenant
    }
}

impl Eq for Whose<'_> {}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Owner");
        if let Some(tenant) = &self.tenant {
            debug.field("tenant.id", &tenant.as_str());
        }
        if let Some(user) = &self.user {
            debug.field("user.id", &user.as_str());
        }
        if let Some(session) = &self.session {
            debug.field("session.id", &session.as_str());
        }
        debug.finish()
    }
}
