//! What is asked for, and how the answer goes on record.

use super::AccessError;
use super::Action;
use super::Outcome;
use super::PermitError;
use super::about::About;
use super::deciding::Deciding;
use super::encode::Record;
use super::event::Event;
use super::notice::Notice;
use super::policy::Decide;
use super::policy::Decided;
use super::policy::Decider;
use super::policy::Finding;
use super::policy::Policy;
use super::policy::Question;
use super::policy::Verdict;
use super::policy::VerdictKind;
use super::step::Ruling;
use super::step::Step;
use super::trail::Recording;
use super::trail::Trail;
use crate::context::RequestContext;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::panic::Location;
use std::panic::catch_unwind;
use std::sync::Arc;

/// What is asked for, and by whom; the resource apart, so that this is the same code for all.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) context: RequestContext,
    pub(super) action: Action,
    pub(super) source: &'static Location<'static>,
    /// What few say.
    pub(super) details: Option<Arc<Details>>,
}

/// Why it is asked, and about how much.
#[derive(Clone, Default)]
pub(super) struct Details {
    pub(super) count: Option<u64>,
    pub(super) emergency: Option<Box<str>>,
    pub(super) purpose: Option<Box<str>>,
}

/// A ruling, and what is said of it on record.
struct Answer {
    outcome: Outcome,
    reason: Option<Cow<'static, str>>,
    ruling: Ruling,
}

impl Ask {
    /// Asks the policy, and has the answer put on record if it is there. `None` if it is allowed
    /// and there is nothing to wait for.
    pub(super) fn begin(&self, about: &About<'_>) -> Option<Step> {
        let Some(policy) = self.context.get::<Policy>() else {
            return Some(self.without_policy(about));
        };
        if self.context.is_revoked() {
            return Some(self.revoked(policy, about));
        }
        let question = Question { ask: self, about };
        match policy.decider() {
            Decider::Rules(rules) => match rules.find(&question) {
                Finding::Allowed => self.allowed(policy, about),
                finding => Some(self.decided(finding.into(), Some(policy), about)),
            },
            Decider::Other(decide) => Some(self.ask(&**decide, &question, policy, about)),
        }
    }

    /// Most often it is so, and there is nothing to say of it.
    #[inline]
    fn allowed(&self, policy: &Policy, about: &About<'_>) -> Option<Step> {
        match self.context.get::<Trail>() {
            None if policy.is_trail_optional() => {
                self.notice(Event::Decision, Outcome::Allowed, about).is_so();
                None
            }
            trail => Some(self.put_on(trail, Answer::allowed(None), about)),
        }
    }

    /// Has the policy's answer put on record.
    #[inline(never)]
    pub(super) fn decided(
        &self,
        verdict: Verdict,
        policy: Option<&Policy>,
        about: &About<'_>,
    ) -> Step {
        self.put_on_record(self.answer(verdict), policy, about)
    }

    pub(super) fn emergency(&self) -> Option<&str> {
        self.details.as_deref()?.emergency.as_deref()
    }

    pub(super) fn purpose(&self) -> Option<&str> {
        self.details.as_deref()?.purpose.as_deref()
    }

    #[cold]
    fn without_policy(&self, about: &About<'_>) -> Step {
        tracing::error!(
            at = %self.source,
            "no policy in the context, so nothing is allowed: insert a `Policy` into the layer"
        );
        let answer = Answer::error("there is no policy", AccessError::no_policy());
        self.put_on_record(answer, None, about)
    }

    #[cold]
    fn revoked(&self, policy: &Policy, about: &About<'_>) -> Step {
        let answer = Answer::denied("the session is over", PermitError::revoked().into());
        self.put_on_record(answer, Some(policy), about)
    }

    #[inline(never)]
    fn ask(
        &self,
        decide: &dyn Decide,
        question: &Question<'_>,
        policy: &Policy,
        about: &About<'_>,
    ) -> Step {
        let decided = catch_unwind(AssertUnwindSafe(|| {
            if question.is_detached() && !decide.decides_for_detached_work() {
                Verdict::deny("detached work has no authority").into()
            } else {
                decide.decide(question)
            }
        }));
        match decided.unwrap_or_else(|_| Verdict::panicked().into()) {
            Decided::Now(verdict) => self.decided(verdict, Some(policy), about),
            Decided::Later(verdict) => Step::Deciding(Deciding::new(verdict, policy)),
        }
    }

    fn answer(&self, verdict: Verdict) -> Answer {
        let Verdict { kind, reason } = verdict;
        match (kind, self.emergency()) {
            (VerdictKind::Allowed, _) => Answer::allowed(reason),
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

    fn put_on_record(&self, answer: Answer, policy: Option<&Policy>, about: &About<'_>) -> Step {
        match self.context.get::<Trail>() {
            None if policy.is_some_and(Policy::is_trail_optional) => {
                self.notice(self.event_of(answer.outcome), answer.outcome, about).is_so();
                Step::Done(answer.ruling)
            }
            trail => self.put_on(trail, answer, about),
        }
    }

    /// Whoever says that it is an emergency is reviewed, also where that was in vain.
    fn event_of(&self, outcome: Outcome) -> Event {
        let is_emergency = outcome != Outcome::Allowed && self.emergency().is_some();
        if is_emergency { Event::BreakGlass } else { Event::Decision }
    }

    #[inline]
    fn notice(&self, event: Event, outcome: Outcome, about: &About<'_>) -> Notice {
        let Self { action, source, .. } = *self;
        Notice { event, outcome, action, resource_type: about.resource_type, source }
    }

    #[inline(never)]
    fn put_on(&self, trail: Option<&Trail>, answer: Answer, about: &About<'_>) -> Step {
        let Answer { outcome, reason, ruling } = answer;
        let event = self.event_of(outcome);
        let notice = self.notice(event, outcome, about);
        let Some(trail) = trail else {
            return Step::Recording(Recording::without_trail(notice), ruling);
        };
        let emergency = self.emergency().filter(|_| event == Event::BreakGlass);
        let reason = match (emergency, reason) {
            (Some(emergency), Some(reason)) => {
                Some(format!("{reason}; the emergency: {emergency}").into())
            }
            (Some(emergency), None) => Some(Cow::Borrowed(emergency)),
            (None, reason) => reason,
        };
        let record = Record {
            time: trail.now(),
            event,
            outcome,
            reason: reason.as_deref(),
            action: self.action,
            resource_type: about.resource_type,
            resource_id: Some(&about.id),
            count: self.details.as_deref().and_then(|details| details.count),
            owner: Some(&about.owner),
            context: Some(&self.context),
            purpose: self.purpose(),
            source: Some(self.source),
            origin: trail.origin(),
        };
        Step::Recording(Recording::new(trail.clone(), trail.encode(&record), notice), ruling)
    }

    /// Puts on record that what was allowed here was tried elsewhere, or too late, or for another
    /// action. Nobody waits: it is refused in any case.
    pub(super) fn put_misuse_on_record(
        &self,
        error: &PermitError,
        action: Action,
        source: &'static Location<'static>,
        about: &About<'_>,
    ) {
        let current = RequestContext::try_current().ok();
        Notice { action, source, ..self.notice(Event::Access, Outcome::Denied, about) }.is_so();
        let contexts = [current.as_ref(), Some(&self.context)];
        let Some(trail) = contexts.into_iter().flatten().find_map(RequestContext::get::<Trail>)
        else {
            return;
        };
        let given_in = self.context.request_id();
        let reason = format!("{}; it was given in request {given_in}", error.reason());
        let record = Record {
            time: trail.now(),
            event: Event::Access,
            outcome: Outcome::Denied,
            reason: Some(&reason),
            action,
            resource_type: about.resource_type,
            resource_id: Some(&about.id),
            count: None,
            owner: Some(&about.owner),
            context: current.as_ref(),
            purpose: None,
            source: Some(source),
            origin: trail.origin(),
        };
        if let Err(error) = trail.note(trail.encode(&record)) {
            tracing::error!(at = %source, %error, "the misuse of a permit is not on record");
        }
    }
}

impl Answer {
    fn allowed(reason: Option<Cow<'static, str>>) -> Self {
        Self { outcome: Outcome::Allowed, reason, ruling: Ok(Outcome::Allowed) }
    }

    fn denied(reason: impl Into<Cow<'static, str>>, error: AccessError) -> Self {
        Self { outcome: Outcome::Denied, reason: Some(reason.into()), ruling: Err(error) }
    }

    fn error(reason: impl Into<Cow<'static, str>>, error: AccessError) -> Self {
        Self { outcome: Outcome::Error, reason: Some(reason.into()), ruling: Err(error) }
    }
}
