//! Asks for a permit.

use super::Action;
use super::Authorizing;
use super::Function;
use super::Resource;
use super::ask::Ask;
use super::ask::Details;
use crate::context::NoContext;
use crate::context::RequestContext;
use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// A permit being asked for: awaited, the policy is asked, and its answer put on record.
///
/// From [`authorize`] and [`authorize_function`]. It is asked for in the context, and at the line,
/// that it was begun in.
#[must_use = "nothing is asked until it is awaited"]
pub struct Authorize<'r, R: Clone> {
    context: RequestContext,
    action: Action,
    resource: Asked<'r, R>,
    source: &'static Location<'static>,
    details: Option<Arc<Details>>,
}

/// The resource that it is asked for, which is not moved about.
enum Asked<'r, R> {
    Given(&'r R),
    OfAction(fn(Action) -> R),
}

/// Asks for a [`Permit`](super::Permit): whether the current request may do `action` with
/// `resource`.
///
/// The [`Policy`](super::policy::Policy) of the context decides, and what it decides is put on the
/// [`Trail`](super::trail::Trail) of the context, before anyone goes on. What is not allowed is
/// denied; so is everything if the policy fails or panics, if there is none, and if the decision
/// cannot be put on record.
///
/// The permit keeps a clone of the resource: let it be what names the thing and says whose it is,
/// not the data.
///
/// ```
/// # use request_context::access::{self, AccessError, Action, Permit, Resource};
/// # use std::borrow::Cow;
/// # #[derive(Clone)]
/// # struct Chart;
/// # impl Resource for Chart {
/// #     const TYPE: &'static str = "chart";
/// #     fn id(&self) -> Cow<'_, str> { "c-7".into() }
/// # }
/// # struct Finding;
/// // The data function demands the proof.
/// async fn findings(permit: &Permit<Chart>) -> Result<Vec<Finding>, AccessError> {
///     let chart = permit.resource_to(Action::Read)?;
///     // … load what `chart` names …
///     # let findings = vec![];
///     permit.record()?.count(findings.len() as u64).await?;
///     Ok(findings)
/// }
///
/// async fn handler(chart: Chart) -> Result<Vec<Finding>, AccessError> {
///     let permit = access::authorize(Action::Read, &chart).await?;
///     findings(&permit).await
/// }
/// ```
///
/// # Errors
/// [`AccessError`](super::AccessError), when awaited.
///
/// # Panics
/// Outside a scope, at the caller's line. [`try_authorize`] returns an error instead.
#[inline]
#[track_caller]
pub fn authorize<R: Resource + Clone + 'static>(action: Action, resource: &R) -> Authorize<'_, R> {
    Authorize::new(RequestContext::current(), action, Asked::Given(resource))
}

/// The twin of [`authorize`] that does not panic.
///
/// # Errors
/// [`NoContext`] outside a scope.
#[track_caller]
pub fn try_authorize<R: Resource + Clone + 'static>(
    action: Action,
    resource: &R,
) -> Result<Authorize<'_, R>, NoContext> {
    Ok(Authorize::new(RequestContext::try_current()?, action, Asked::Given(resource)))
}

/// Asks whether the current request may do `action` at all, with nothing in particular.
///
/// # Errors
/// [`AccessError`](super::AccessError), when awaited.
///
/// # Panics
/// Outside a scope, at the caller's line. [`try_authorize_function`] returns an error instead.
#[track_caller]
pub fn authorize_function(action: Action) -> Authorize<'static, Function> {
    Authorize::new(RequestContext::current(), action, Asked::OfAction(Function::new))
}

/// The twin of [`authorize_function`] that does not panic.
///
/// # Errors
/// [`NoContext`] outside a scope.
#[track_caller]
pub fn try_authorize_function(action: Action) -> Result<Authorize<'static, Function>, NoContext> {
    let context = RequestContext::try_current()?;
    Ok(Authorize::new(context, action, Asked::OfAction(Function::new)))
}

impl<'r, R: Clone> Authorize<'r, R> {
    #[inline]
    #[track_caller]
    fn new(context: RequestContext, action: Action, resource: Asked<'r, R>) -> Self {
        let source = Location::caller();
        Self { context, action, resource, source, details: None }
    }

    /// Asks also for what is allowed in an emergency alone, for this reason (HIPAA, 45 CFR
    /// 164.312(a)(2)(ii)). Whether it may be, the policy says. If the permit needs the emergency, that
    /// is an event of its own on record, to be reviewed, and so is an emergency named in vain. A
    /// reason that is blank is none, and nothing is asked for by it.
    pub fn break_glass(self, reason: impl Into<Cow<'r, str>>) -> Self {
        let reason = reason.into();
        let emergency = (!reason.trim().is_empty()).then(|| reason.into());
        self.with_details(|details| details.emergency = emergency)
    }

    /// Why it is asked, in the place of the context's [`Purpose`](super::Purpose).
    pub fn purpose(self, purpose: impl Into<Cow<'r, str>>) -> Self {
        let purpose = Some(purpose.into().into());
        self.with_details(|details| details.purpose = purpose)
    }

    /// How many things of the resource.
    pub fn count(self, count: u64) -> Self {
        self.with_details(|details| details.count = Some(count))
    }

    fn with_details(mut self, set: impl FnOnce(&mut Details)) -> Self {
        set(Arc::make_mut(self.details.get_or_insert_default()));
        self
    }
}

impl<R: Resource + Clone + 'static> IntoFuture for Authorize<'_, R> {
    type Output = <Authorizing<R> as Future>::Output;
    type IntoFuture = Authorizing<R>;

    /// The policy is asked now, so the future borrows nothing.
    #[inline]
    fn into_future(self) -> Authorizing<R> {
        let Self { context, action, resource, source, details } = self;
        let ask = Ask { context, action, source, details };
        match resource {
            Asked::Given(resource) => Authorizing::begin(ask, resource),
            Asked::OfAction(resource) => Authorizing::begin(ask, &resource(action)),
        }
    }
}

impl<R: Resource + Clone> fmt::Debug for Authorize<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorize")
            .field("action", &self.action)
            .field("resource_type", &R::TYPE)
            .finish_non_exhaustive()
    }
}
