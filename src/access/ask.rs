//! What is asked for, and how the answer goes on record.

use super::Access;
use super::AccessError;
use super::Action;
use super::Outcome;
use super::PermitError;
use super::Resource;
use super::access::trace;
use super::event::Event;
use super::policy::Decided;
use super::policy::Policy;
use super::policy::Question;
use super::policy::Verdict;
use super::policy::VerdictKind;
use super::trail::Recording;
use super::trail::Trail;
use super::trail::TrailError;
use crate::context::RequestContext;
use crate::owner::Owner;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::panic::Location;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::sync::Arc;

/// What is asked for, and by whom.
#[derive(Clone)]
pub(super) struct Ask<R> {
    pub(super) context: RequestContext,
    pub(super) action: Action,
    pub(super) resource: R,
    pub(super) emergency: Option<Arc<str>>,
    pub(super) purpose: Option<Arc<str>>,
    pub(super) count: Option<u64>,
    pub(super) source: &'static Location<'static>,
}

/// How far the answer is.
pub(super) enum Step {
    Deciding(Pin<Box<dyn Future<Output = Verdict> + Send>>),
    Recording(Recording, Ruling),
    Done(Ruling),
    Over,
}

/// What came of it.
pub(super) type Ruling = Result<Outcome, AccessError>;

/// A ruling, and what is said of it on record.
struct Answer {
    outcome: Outcome,
    reason: Option<Cow<'static, str>>,
    ruling: Ruling,
}

impl<R: Resource + 'static> Ask<R> {
    /// Asks the policy, and has the answer put on record if it is there.
    pub(super) fn begin(&self) -> Step {
        let (id, owner) = (self.resource.id(), self.resource.owner());
        match self.ask(&id, &owner) {
            Ok(Decided::Now(verdict)) => self.put_on_record(self.answer(verdict), id, owner),
            Ok(Decided::Later(verdict)) => Step::Deciding(verdict),
            Err(answer) => self.put_on_record(answer, id, owner),
        }
    }

    /// Has the policy's later answer put on record.
    pub(super) fn decided(&self, verdict: Verdict) -> Step {
        self.put_on_record(self.answer(verdict), self.resource.id(), self.resource.owner())
    }

    fn ask(&self, id: &str, owner: &Owner) -> Result<Decided, Answer> {
        let Some(policy) = self.context.get::<Policy>() else {
            tracing::error!(
                at = %self.source,
                "no policy in the context, so nothing is allowed: insert a `Policy` into the layer"
            );
            return Err(Answer::error("there is no policy", AccessError::no_policy()));
        };
        if self.context.is_revoked() {
            return Err(Answer::denied("the session is over", PermitError::revoked().into()));
        }
        let question = Question {
            context: &self.context,
            action: self.action,
            resource: &self.resource,
            resource_type: R::TYPE,
            resource_id: id,
            owner,
            emergency: self.emergency.as_deref(),
        };
        let decide = policy.decide();
        let decided = catch_unwind(AssertUnwindSafe(|| {
            let is_decidable = !question.is_detached() || decide.decides_for_detached_work();
            is_decidable.then(|| decide.decide(&question))
        }));
        match decided {
            Ok(Some(decided)) => Ok(decided),
            Ok(None) => Ok(Verdict::deny("detached work has no authority").into()),
            Err(_) => Ok(panicked().into()),
        }
    }

    fn answer(&self, verdict: Verdict) -> Answer {
        let Verdict { kind, reason } = verdict;
        match (kind, &self.emergency) {
            (VerdictKind::Allowed, _) => {
                Answer { outcome: Outcome::Allowed, reason, ruling: Ok(Outcome::Allowed) }
            }
            (VerdictKind::BreakGlass, Some(_)) => {
                Answer { outcome: Outcome::BreakGlass, reason, ruling: Ok(Outcome::BreakGlass) }
            }
            (VerdictKind::BreakGlass, None) => {
                let reason = Cow::Borrowed("it is allowed in an emergency alone");
                Answer::denied(reason.clone(), AccessError::denied(Some(reason)))
            }
            (VerdictKind::Denied, _) => Answer {
                outcome: Outcome::Denied,
                reason: reason.clone(),
                ruling: Err(AccessError::denied(reason)),
            },
            (VerdictKind::Failed(error), _) => {
                tracing::error!(error = &*error as &dyn std::error::Error, "the policy failed");
                let reason = reason.unwrap_or(Cow::Borrowed("the policy failed"));
                Answer::error(reason, AccessError::policy_failed(error))
            }
        }
    }

    fn put_on_record(&self, answer: Answer, id: Cow<'_, str>, owner: Owner) -> Step {
        let Answer { outcome, reason, ruling } = answer;
        // Whoever says that it is an emergency is reviewed, also where that was in vain.
        let is_emergency = self.emergency.is_some() && outcome != Outcome::Allowed;
        let event = if is_emergency { Event::BreakGlass } else { Event::Decision };
        let reason = match (&self.emergency, reason) {
            (Some(emergency), Some(reason)) if is_emergency => {
                Some(format!("{reason}; the emergency: {emergency}").into())
            }
            (Some(emergency), None) if is_emergency => Some(Cow::Owned(emergency.as_ref().into())),
            (_, reason) => reason,
        };
        if self.context.get::<Trail>().is_none() {
            if self.context.get::<Policy>().is_some_and(Policy::is_trail_optional) {
                trace(event, outcome, self.action, R::TYPE);
                return Step::Done(ruling);
            }
            tracing::error!(at = %self.source, error = %TrailError::missing(), "nothing is allowed");
        }
        let access = Access {
            context: self.context.clone(),
            event,
            outcome,
            reason,
            action: self.action,
            resource_type: R::TYPE,
            resource_id: id,
            count: self.count,
            owner,
            purpose: self.purpose.as_deref().map(Cow::Borrowed),
            source: self.source,
        };
        Step::Recording(access.into_future(), ruling)
    }
}

impl Answer {
    fn denied(reason: impl Into<Cow<'static, str>>, error: AccessError) -> Self {
        Self { outcome: Outcome::Denied, reason: Some(reason.into()), ruling: Err(error) }
    }

    fn error(reason: impl Into<Cow<'static, str>>, error: AccessError) -> Self {
        Self { outcome: Outcome::Error, reason: Some(reason.into()), ruling: Err(error) }
    }
}

/// What a policy that panics has answered. What it panicked with is the panic hook's to tell.
pub(super) fn panicked() -> Verdict {
    Verdict::failed("the policy panicked").because("the policy panicked")
}
