//! All that is known of one access.

use super::Origin;
use super::texts::Texts;
use crate::access::Action;
use crate::access::AuthenticatedBy;
use crate::access::Outcome;
use crate::access::Purpose;
use crate::access::TraceId;
use crate::access::event::Event;
use crate::context::RequestContext;
use crate::context::SessionId;
use crate::context::UserId;
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

    /// Its texts, each asked for once.
    pub(super) fn texts(&self) -> Texts<'a> {
        let (context, owner) = (self.context, self.owner);
        let user = context.and_then(RequestContext::user);
        let said = context.and_then(RequestContext::get).map(AuthenticatedBy::as_str);
        let authenticated_by = said.or_else(|| {
            user.and(context?.get::<SessionLife>())?;
            Some("session")
        });
        let of_context = || Some(context?.get::<Purpose>()?.as_str());
        Texts {
            reason: self.reason.map(str::as_bytes),
            resource_id: self.resource_id.map(str::as_bytes),
            owner_tenant: owner.and_then(Owner::tenant_id).map(TenantId::as_bytes),
            owner_user: owner.and_then(Owner::user_id).map(UserId::as_bytes),
            owner_session: owner.and_then(Owner::session_id).map(SessionId::as_bytes),
            tenant: context.and_then(RequestContext::get).map(TenantId::as_bytes),
            user: user.map(UserId::as_bytes),
            session: context.and_then(RequestContext::session).map(SessionId::as_bytes),
            authenticated_by: authenticated_by.map(str::as_bytes),
            on_behalf_of: context.and_then(RequestContext::on_behalf_of).map(UserId::as_bytes),
            purpose: self.purpose.or_else(of_context).map(str::as_bytes),
            request_id: context.map(|context| context.request_id().as_bytes()),
            trace_id: context.and_then(RequestContext::get).map(TraceId::as_bytes),
        }
    }
}
