//! What a policy is asked.

use super::Roles;
use crate::access::Action;
use crate::access::about::About;
use crate::access::ask::Ask;
use crate::context::RequestContext;
use crate::context::UserId;
use crate::owner::Owner;
use crate::owner::TenantId;
use std::any::TypeId;
use std::fmt;

/// What a policy is asked: whether whom the context is for may do this with that.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    pub(in crate::access) ask: &'q Ask,
    pub(in crate::access) about: &'q About<'q>,
}

impl<'q> Question<'q> {
    /// The context that asks.
    #[inline]
    #[must_use]
    pub fn context(&self) -> &'q RequestContext {
        &self.ask.context
    }

    /// The user; `None` for an anonymous request, and in detached work.
    #[inline]
    #[must_use]
    pub fn user(&self) -> Option<&'q UserId> {
        self.context().user()
    }

    /// The user that [detached](RequestContext::detach) work came from: a name, and no proof that
    /// the user still wants it, or still may.
    #[inline]
    #[must_use]
    pub fn on_behalf_of(&self) -> Option<&'q UserId> {
        self.context().on_behalf_of()
    }

    /// The user that all this began with: the one of the request, or that detached work came from.
    #[inline]
    #[must_use]
    pub fn subject(&self) -> Option<&'q UserId> {
        self.user().or_else(|| self.on_behalf_of())
    }

    /// Whether it is detached work that asks: a user it came from, and none of its own.
    #[inline]
    #[must_use]
    pub fn is_detached(&self) -> bool {
        self.user().is_none() && self.on_behalf_of().is_some()
    }

    /// The tenant.
    #[inline]
    #[must_use]
    pub fn tenant(&self) -> Option<&'q TenantId> {
        self.context().get()
    }

    /// Whether the user has this [role](Roles).
    #[inline]
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().is_some_and(|roles| roles.contains(role))
    }

    #[inline]
    pub(super) fn roles(&self) -> Option<&'q Roles> {
        self.context().get()
    }

    /// What is to be done.
    #[inline]
    #[must_use]
    pub fn action(&self) -> Action {
        self.ask.action
    }

    /// The resource, if it is of type `R`.
    #[inline]
    #[must_use]
    pub fn resource<R: 'static>(&self) -> Option<&'q R> {
        self.about.resource.downcast_ref()
    }

    /// The type of the resource, as it is on record.
    #[must_use]
    pub fn resource_type(&self) -> &'static str {
        self.about.resource_type
    }

    /// The ID of the resource.
    #[must_use]
    pub fn resource_id(&self) -> &'q str {
        &self.about.id
    }

    /// Whose the resource is.
    #[inline]
    #[must_use]
    pub fn owner(&self) -> &'q Owner {
        &self.about.owner
    }

    #[inline]
    pub(super) fn type_id(&self) -> TypeId {
        self.about.type_id
    }

    /// Whether the resource is of the tenant of the context, or of none.
    #[inline]
    #[must_use]
    pub fn is_of_tenant(&self) -> bool {
        self.owner().tenant_id().is_none_or(|tenant| self.tenant() == Some(tenant))
    }

    /// Whether the resource is the [subject](Self::subject)'s own: of that user, of exactly that
    /// tenant, and in that session if it names one.
    #[inline(never)] // what it reads would be read for each rule
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.owner().user_id().is_some_and(|user| self.subject() == Some(user))
            && self.owner().tenant_id() == self.tenant()
            && self.owner().session_id().is_none_or(|id| self.context().session() == Some(id))
    }

    /// The emergency for which it is to be done although it may not be allowed, if that is asked.
    #[must_use]
    pub fn emergency(&self) -> Option<&'q str> {
        self.ask.emergency()
    }
}

impl fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("context", self.context())
            .field("action", &self.action())
            .field("resource_type", &self.resource_type())
            .field("resource_id", &self.resource_id())
            .finish_non_exhaustive()
    }
}
