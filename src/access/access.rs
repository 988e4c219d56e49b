//! The record of one access, being made.

use super::Action;
use super::Outcome;
use super::Resource;
use super::encode::Record;
use super::event::Event;
use super::notice::Notice;
use super::trail::Recording;
use super::trail::Trail;
use super::trail::TrailError;
use crate::context::NoContext;
use crate::context::RequestContext;
use crate::owner::Owner;
use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

/// The record of one access, being made: awaited, it is queued and waited for.
///
/// From [`record`], [`decision`] and [`break_glass`]. All that the context knows is in it already,
/// and the line that it was begun at.
#[must_use = "nothing is on record until it is awaited"]
pub struct Access<'r> {
    pub(super) context: RequestContext,
    pub(super) event: Event,
    pub(super) outcome: Outcome,
    pub(super) reason: Option<Cow<'r, str>>,
    pub(super) action: Action,
    pub(super) resource_type: &'static str,
    pub(super) resource_id: Cow<'r, str>,
    pub(super) count: Option<u64>,
    pub(super) owner: Owner,
    pub(super) purpose: Option<Cow<'r, str>>,
    pub(super) source: &'static Location<'static>,
}

/// Begins the record that the current request accesses `resource`: allowed, unless said otherwise.
///
/// ```no_run
/// # use request_context::access::{self, Action, Resource, trail::TrailError};
/// # async fn load(chart: &impl Resource) -> Result<(), TrailError> {
/// access::record(Action::Read, chart).await?; // before the data is handed out
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// Outside a scope, at the caller's line. [`try_record`] returns an error instead.
#[track_caller]
pub fn record<R: Resource + ?Sized>(action: Action, resource: &R) -> Access<'_> {
    Access::new(RequestContext::current(), Event::Access, Outcome::Allowed, action, resource)
}

/// The twin of [`record`] that does not panic.
///
/// # Errors
/// [`NoContext`] outside a scope.
#[track_caller]
pub fn try_record<R: Resource + ?Sized>(
    action: Action,
    resource: &R,
) -> Result<Access<'_>, NoContext> {
    let context = RequestContext::try_current()?;
    Ok(Access::new(context, Event::Access, Outcome::Allowed, action, resource))
}

/// Begins the record that it was decided whether the current request may do `action` with
/// `resource`.
///
/// # Panics
/// Outside a scope, at the caller's line. [`try_decision`] returns an error instead.
#[track_caller]
pub fn decision<R: Resource + ?Sized>(
    outcome: Outcome,
    action: Action,
    resource: &R,
) -> Access<'_> {
    Access::new(RequestContext::current(), Event::Decision, outcome, action, resource)
}

/// The twin of [`decision`] that does not panic.
///
/// # Errors
/// [`NoContext`] outside a scope.
#[track_caller]
pub fn try_decision<R: Resource + ?Sized>(
    outcome: Outcome,
    action: Action,
    resource: &R,
) -> Result<Access<'_>, NoContext> {
    let context = RequestContext::try_current()?;
    Ok(Access::new(context, Event::Decision, outcome, action, resource))
}

/// Begins the record that the current request accesses `resource` in an emergency, for `reason`,
/// although it would not be allowed to (HIPAA, 45 CFR 164.312(a)(2)(ii)): an event of its own, to be
/// reviewed.
///
/// # Errors
/// [`TrailError`], when awaited: also if the reason is blank. Then what is on record is a denial.
///
/// # Panics
/// Outside a scope, at the caller's line. [`try_break_glass`] returns an error instead.
#[track_caller]
pub fn break_glass<'r, R: Resource + ?Sized>(
    action: Action,
    resource: &'r R,
    reason: impl Into<Cow<'r, str>>,
) -> Access<'r> {
    let context = RequestContext::current();
    Access::new(context, Event::BreakGlass, Outcome::BreakGlass, action, resource).reason(reason)
}

/// The twin of [`break_glass`] that does not panic.
///
/// # Errors
/// [`NoContext`] outside a scope.
#[track_caller]
pub fn try_break_glass<'r, R: Resource + ?Sized>(
    action: Action,
    resource: &'r R,
    reason: impl Into<Cow<'r, str>>,
) -> Result<Access<'r>, NoContext> {
    let context = RequestContext::try_current()?;
    let access = Access::new(context, Event::BreakGlass, Outcome::BreakGlass, action, resource);
    Ok(access.reason(reason))
}

impl<'r> Access<'r> {
    #[track_caller]
    pub(super) fn new<R: Resource + ?Sized>(
        context: RequestContext,
        event: Event,
        outcome: Outcome,
        action: Action,
        resource: &'r R,
    ) -> Self {
        Self {
            context,
            event,
            outcome,
            reason: None,
            action,
            resource_type: R::TYPE,
            resource_id: resource.id(),
            count: None,
            owner: resource.owner(),
            purpose: None,
            source: Location::caller(),
        }
    }

    /// How it went.
    pub fn outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// Why it went so: never data.
    pub fn reason(self, reason: impl Into<Cow<'r, str>>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// How many things of the resource.
    pub fn count(self, count: u64) -> Self {
        Self { count: Some(count), ..self }
    }

    /// Why it is done, in the place of the context's [`Purpose`](super::Purpose).
    pub fn purpose(self, purpose: impl Into<Cow<'r, str>>) -> Self {
        Self { purpose: Some(purpose.into()), ..self }
    }

    /// Whether the glass is to be broken for nothing that could be reviewed.
    fn is_unreasoned(&self) -> bool {
        self.event == Event::BreakGlass
            && self.reason.as_deref().is_none_or(|reason| reason.trim().is_empty())
    }

    fn notice(&self) -> Notice {
        let Self { event, outcome, action, resource_type, source, .. } = *self;
        Notice { event, outcome, action, resource_type, source }
    }

    /// What `self` says, for an encoder.
    fn as_record<'a>(&'a self, trail: &'a Trail) -> Record<'a> {
        Record {
            time: trail.now(),
            event: self.event,
            outcome: self.outcome,
            reason: self.reason.as_deref(),
            action: self.action,
            resource_type: self.resource_type,
            resource_id: Some(&self.resource_id),
            count: self.count,
            owner: Some(&self.owner),
            context: Some(&self.context),
            purpose: self.purpose.as_deref(),
            source: Some(self.source),
            origin: trail.origin(),
        }
    }
}

impl IntoFuture for Access<'_> {
    type Output = <Recording as Future>::Output;
    type IntoFuture = Recording;

    /// The record is encoded now, so the future borrows nothing.
    fn into_future(mut self) -> Recording {
        let is_unreasoned = self.is_unreasoned();
        if is_unreasoned {
            self.outcome = Outcome::Denied;
            self.reason = Some(Cow::Borrowed("no reason was given for breaking the glass"));
        }
        let notice = self.notice();
        let recording = match self.context.get::<Trail>() {
            Some(trail) => {
                Recording::new(trail.clone(), trail.encode(&self.as_record(trail)), notice)
            }
            None => Recording::without_trail(notice),
        };
        if is_unreasoned { recording.refused(TrailError::reason_missing()) } else { recording }
    }
}

impl fmt::Debug for Access<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("event", &self.event)
            .field("outcome", &self.outcome)
            .field("action", &self.action)
            .field("resource_type", &self.resource_type)
            .finish_non_exhaustive()
    }
}
