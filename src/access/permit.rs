//! The proof that an access is allowed.

use super::Access;
use super::Action;
use super::Authorizing;
use super::Outcome;
use super::PermitError;
use super::PermittedStream;
use super::Rechecking;
use super::Resource;
use super::about::About;
use super::ask::Ask;
use super::event::Event;
use super::sleeper::Sleeper;
use crate::context::RequestContext;
use crate::context::current;
use crate::context::session_life::SessionLife;
use crate::owner::TenantId;
use futures_core::Stream;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use tokio::time::Instant;

/// The proof that the current request may do something with a resource. Only
/// [`authorize`](super::authorize) makes one.
///
/// Let the functions that touch data demand one as a parameter: then code that has not asked does
/// not compile.
///
/// # Where it holds
/// For whom it was given to: that tenant, user and session; in that request; for that resource.
/// That is looked at each time it is used, also that the session goes on and that the request has not
/// ended since. It does not hold in [detached](RequestContext::detach) work, which has no user. Work
/// that outlives its request and keeps its user, as a WebSocket does, asks anew: a permit given after
/// the end is one for what still goes on.
///
/// Wherever it is tried and does not hold, that is on record, as an access that was denied: with who
/// tried, at which line, and the request that it was given in. Nobody waits for this record.
///
/// What the policy would say by now is not looked at: [`recheck`](Self::recheck) asks it, and
/// [`guard`](Self::guard) does while a stream goes on.
///
/// ```compile_fail,E0061
/// # use request_context::access::Permit;
/// # #[derive(Clone)]
/// # struct Chart;
/// fn findings(permit: &Permit<Chart>) -> Vec<String> {
///     # Vec::new()
/// }
/// async fn handler(chart: Chart) -> Vec<String> {
///     findings()
/// }
/// ```
/// ```compile_fail,E0451
/// # use request_context::access::Permit;
/// # #[derive(Clone)]
/// # struct Chart;
/// fn forge(of_another: Permit<Chart>) -> Permit<Chart> {
///     Permit { was_over: false, ..of_another }
/// }
/// ```
/// ```compile_fail,E0308
/// # use request_context::access::Permit;
/// # #[derive(Clone)]
/// # struct Chart;
/// # #[derive(Clone)]
/// # struct Bill;
/// # fn findings(permit: &Permit<Chart>) {}
/// fn with_a_permit_for_something_else(permit: &Permit<Bill>) {
///     findings(permit)
/// }
/// ```
/// What these mean to do is to ask:
/// ```
/// # use request_context::access::{self, AccessError, Action, Permit, Resource};
/// # #[derive(Clone)]
/// # struct Chart;
/// # impl Resource for Chart {
/// #     const TYPE: &'static str = "chart";
/// #     fn id(&self) -> std::borrow::Cow<'_, str> { "c-7".into() }
/// # }
/// # fn findings(permit: &Permit<Chart>) -> Vec<String> { vec![] }
/// async fn handler(chart: Chart) -> Result<Vec<String>, AccessError> {
///     let permit = access::authorize(Action::Read, &chart).await?;
///     Ok(findings(&permit))
/// }
/// ```
#[must_use = "a permit that is dropped allows nothing"]
pub struct Permit<R> {
    ask: Ask,
    resource: R,
    outcome: Outcome,
    /// The request had ended already when it was given.
    was_over: bool,
}

impl<R> Permit<R> {
    #[inline]
    pub(super) fn given(ask: Ask, resource: R, outcome: Outcome) -> Self {
        let was_over = has_ended(&ask.context);
        Self { ask, resource, outcome, was_over }
    }

    /// What it allows to do.
    #[must_use]
    pub fn action(&self) -> Action {
        self.ask.action
    }

    /// Whether it was given for an emergency that was [named](super::Authorize::break_glass), and
    /// would not have been otherwise.
    #[must_use]
    pub fn is_break_glass(&self) -> bool {
        self.outcome == Outcome::BreakGlass
    }

    fn check_in(&self, current: &RequestContext) -> Result<(), PermitError> {
        let given_to = &self.ask.context;
        if !given_to.is_same(current) {
            self.check_in_another(current)?;
        }
        if current.is_revoked() {
            Err(PermitError::revoked())
        } else if !self.was_over && has_ended(current) {
            Err(PermitError::ended())
        } else {
            Ok(())
        }
    }

    /// Whether that context is of whom, and of the request, that the permit was given to.
    fn check_in_another(&self, current: &RequestContext) -> Result<(), PermitError> {
        let given_to = &self.ask.context;
        let is_owner = given_to.user() == current.user()
            && given_to.session() == current.session()
            && given_to.on_behalf_of() == current.on_behalf_of()
            && given_to.get::<TenantId>() == current.get();
        if !is_owner {
            Err(PermitError::other_owner())
        } else if !given_to.is_same_request(current) {
            Err(PermitError::other_request())
        } else if given_to.is_revoked() {
            Err(PermitError::revoked())
        } else {
            Ok(())
        }
    }
}

impl<R: Resource + 'static> Permit<R> {
    /// The resource.
    ///
    /// # Errors
    /// [`PermitError`] if the permit does not hold here, or no longer. That somebody tried is on
    /// record, as an access that was denied.
    #[inline]
    #[track_caller]
    pub fn resource(&self) -> Result<&R, PermitError> {
        self.check()?;
        Ok(&self.resource)
    }

    /// The resource, to do `action` with it and nothing else.
    ///
    /// # Errors
    /// As [`resource`](Self::resource), and if the permit is for another action.
    #[inline]
    #[track_caller]
    pub fn resource_to(&self, action: Action) -> Result<&R, PermitError> {
        self.check()?;
        if self.ask.action == action {
            Ok(&self.resource)
        } else {
            Err(self.misused(PermitError::other_action(), action, Location::caller()))
        }
    }

    /// Whether the permit holds here and now.
    ///
    /// # Errors
    /// As [`resource`](Self::resource).
    #[inline]
    #[track_caller]
    pub fn check(&self) -> Result<(), PermitError> {
        self.check_at(Location::caller())
    }

    #[inline]
    pub(super) fn check_at(&self, source: &'static Location<'static>) -> Result<(), PermitError> {
        match current::peek(|current| self.check_in(current)) {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(self.misused(error, self.ask.action, source)),
            None => Err(self.misused(PermitError::outside(), self.ask.action, source)),
        }
    }

    #[cold]
    fn misused(
        &self,
        error: PermitError,
        action: Action,
        source: &'static Location<'static>,
    ) -> PermitError {
        self.ask.put_misuse_on_record(&error, action, source, &About::of(&self.resource));
        error
    }
}

impl<R: Resource + Clone + 'static> Permit<R> {
    /// Wraps `inner`, whose items are read by this permit, so that it ends with an error once the
    /// permit no longer holds.
    pub fn guard<S: Stream>(self, inner: S) -> PermittedStream<S, R> {
        PermittedStream::new(inner, self)
    }

    /// Begins the record that what is permitted is done: to be awaited before the data is handed
    /// out.
    ///
    /// # Errors
    /// As [`resource`](Self::resource).
    #[track_caller]
    pub fn record(&self) -> Result<Access<'_>, PermitError> {
        self.check()?;
        let Self { ask, resource, outcome, .. } = self;
        let access =
            Access::new(ask.context.clone(), Event::Access, *outcome, ask.action, resource);
        Ok(match ask.purpose() {
            Some(purpose) => access.purpose(purpose),
            None => access,
        })
    }

    /// Asks the policy anew, in the current context, which is a decision of its own on record.
    ///
    /// # Errors
    /// [`AccessError`](super::AccessError), when awaited, if the permit no longer holds, or would not
    /// be given any more.
    #[track_caller]
    pub fn recheck(&self) -> Rechecking<R> {
        self.recheck_at(Location::caller())
    }

    pub(super) fn recheck_at(&self, source: &'static Location<'static>) -> Rechecking<R> {
        let current = self
            .check_at(source)
            .and_then(|()| RequestContext::try_current().map_err(|_| PermitError::outside()));
        Rechecking::new(current.map(|context| {
            Authorizing::begin(Ask { context, source, ..self.ask.clone() }, &self.resource)
        }))
    }

    pub(super) fn sleeper(&self) -> Option<Arc<Sleeper>> {
        Sleeper::in_session_of(&self.ask.context)
    }

    /// As this process has heard: its use may put it off.
    pub(super) fn session_expires(&self) -> Option<Instant> {
        self.ask.context.get::<SessionLife>().map(SessionLife::expires)
    }

    pub(super) fn source(&self) -> &'static Location<'static> {
        self.ask.source
    }
}

#[cfg(feature = "tower")]
fn has_ended(context: &RequestContext) -> bool {
    context.liveness().has_ended()
}

/// Without the layer no request is known to end.
#[cfg(not(feature = "tower"))]
fn has_ended(_: &RequestContext) -> bool {
    false
}

/// Without the resource.
impl<R> fmt::Debug for Permit<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("action", &self.ask.action)
            .field("outcome", &self.outcome)
            .field("context", &self.ask.context)
            .finish_non_exhaustive()
    }
}
