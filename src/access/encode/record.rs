//! All that is known of one access.

use super::Origin;
use crate::access::Action;
use crate::access::AuthenticatedBy;
use crate::access::Outcome;
use crate::access::Purpose;
use crate::access::TraceId;
use crate::access::event::Event;
use crate::context::RequestContext;
use crate::context::session_life::SessionLife;
use crate::owner::Owner;
use crate::owner::TenantId;
use std::panic::Location;
use std::time::SystemTime;

/// What an encoder writes down; borrowed, since it is written at once.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) time: SystemTime,
    pub(crate) event: Event,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<&'a str>,
    pub(crate) action: Action,
    pub(crate) resource_type: &'a str,
    pub(crate) resource_id: Option<&'a str>,
    pub(crate) count: Option<u64>,
    pub(crate) owner: Option<&'a Owner>,
    /// The request, which the trail's records about itself do not have.
    pub(crate) context: Option<&'a RequestContext>,
    /// In the place of the context's.
    pub(crate) purpose: Option<&'a str>,
    pub(crate) source: Option<&'static Location<'static>>,
    pub(crate) origin: &'a Origin,
}

impl<'a> Record<'a> {
    /// The trail about itself: what happened to it, and how that went.
    pub(crate) fn of_trail(
        time: SystemTime,
        origin: &'a Origin,
        what: &'static str,
        outcome: Outcome,
        count: Option<u64>,
        reason: Option<&'a str>,
    ) -> Self {
        Self {
            time,
            event: Event::Trail,
            outcome,
            reason,
            action: Action::Other(what),
            resource_type: "trail",
            resource_id: None,
            count,
            owner: None,
            context: None,
            purpose: None,
            source: None,
            origin,
        }
    }

    pub(super) fn user(&self) -> Option<&'a str> {
        Some(self.context?.user()?.as_str())
    }

    pub(super) fn tenant(&self) -> Option<&'a str> {
        Some(self.context?.get::<TenantId>()?.as_str())
    }

    pub(super) fn session(&self) -> Option<&'a str> {
        Some(self.context?.session()?.as_str())
    }

    pub(super) fn authenticated_by(&self) -> Option<&'a str> {
        let context = self.context?;
        let said = context.get::<AuthenticatedBy>().map(AuthenticatedBy::as_str);
        said.or_else(|| context.user().and(context.get::<SessionLife>()).map(|_| "session"))
    }

    pub(super) fn on_behalf_of(&self) -> Option<&'a str> {
        Some(self.context?.on_behalf_of()?.as_str())
    }

    pub(super) fn purpose(&self) -> Option<&'a str> {
        self.purpose.or_else(|| Some(self.context?.get::<Purpose>()?.as_str()))
    }

    pub(super) fn request_id(&self) -> Option<&'a str> {
        Some(self.context?.request_id().as_str())
    }

    pub(super) fn trace_id(&self) -> Option<&'a str> {
        Some(self.context?.get::<TraceId>()?.as_str())
    }

    pub(super) fn owner_user(&self) -> Option<&'a str> {
        Some(self.owner?.user_id()?.as_str())
    }

    pub(super) fn owner_tenant(&self) -> Option<&'a str> {
        Some(self.owner?.tenant_id()?.as_str())
    }

    pub(super) fn owner_session(&self) -> Option<&'a str> {
        Some(self.owner?.session_id()?.as_str())
    }
}
