//! What a policy answers.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What a policy answers to a [`Question`](super::Question).
///
/// ```
/// use request_context::access::policy::Verdict;
///
/// let verdict = Verdict::deny("the chart is closed");
/// assert!(!verdict.is_allowed());
/// ```
#[derive(Clone)]
#[must_use = "an answer that is dropped decides nothing"]
pub struct Verdict {
    pub(crate) kind: Kind,
    pub(crate) reason: Option<Cow<'static, str>>,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Allowed,
    BreakGlass,
    Denied,
    Failed(Arc<dyn Error + Send + Sync>),
}

impl Verdict {
    /// It may be done.
    pub const fn allow() -> Self {
        Self { kind: Kind::Allowed, reason: None }
    }

    /// It may be done for the [emergency](super::Question::emergency) that the question names; where
    /// it names none, this denies.
    pub const fn break_glass() -> Self {
        Self { kind: Kind::BreakGlass, reason: None }
    }

    /// It must not be done, for this reason: never data, it is on record.
    pub fn deny(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Denied, reason: Some(reason.into()) }
    }

    /// It cannot be decided, which denies it. The error goes to whoever asked; on record is that the
    /// policy failed, and what [`because`](Self::because) says.
    pub fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: Kind::Failed(Arc::from(error.into())), reason: None }
    }

    /// What a policy that panics has answered. What it panicked with is the panic hook's to tell.
    pub(crate) fn panicked() -> Self {
        Self::failed("the policy panicked").because("the policy panicked")
    }

    /// What a policy that has not answered in time has answered.
    pub(crate) fn timed_out() -> Self {
        Self::failed(
            "the policy did not answer in time; give it more by `Policy::timeout`, or mend it",
        )
        .because("the policy did not answer in time")
    }

    /// The same for this reason: never data, it is on record.
    pub fn because(self, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// Whether it may be done, without an emergency.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self.kind, Kind::Allowed)
    }

    /// Whether it must not be done, by a decision and not by a failure.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self.kind, Kind::Denied)
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Allowed => "Allowed",
            Kind::BreakGlass => "BreakGlass",
            Kind::Denied => "Denied",
            Kind::Failed(_) => "Failed",
        };
        f.debug_struct("Verdict").field("kind", &kind).field("reason", &self.reason).finish()
    }
}
