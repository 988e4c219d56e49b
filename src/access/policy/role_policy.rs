//! A policy of roles and ownership.

use super::Decide;
use super::Decided;
use super::Question;
use super::Rule;
use super::Verdict;
use super::rule::Covers;
use super::rules::Rules;
use std::fmt;

/// A policy of [`Rule`]s, by roles and ownership: what none of them allows is denied.
///
/// ```
/// use request_context::UserId;
/// use request_context::access::policy::{Policy, RolePolicy, Rule};
/// use request_context::access::{Action, Resource};
/// use request_context::owner::Owner;
/// use std::borrow::Cow;
///
/// #[derive(Clone)]
/// struct Chart {
///     id: &'static str,
///     patient: UserId,
///     doctor: UserId,
/// }
///
/// impl Resource for Chart {
///     const TYPE: &'static str = "chart";
///     fn id(&self) -> Cow<'_, str> {
///         self.id.into()
///     }
///     fn owner(&self) -> Owner {
///         Owner::user(self.patient.clone())
///     }
/// }
///
/// let policy = RolePolicy::new()
///     .allow(Rule::owner().on::<Chart>().to([Action::Read]))
///     .allow(
///         Rule::role("doctor")
///             .on_where(|question, chart: &Chart| question.user() == Some(&chart.doctor))
///             .to([Action::Read, Action::Update]),
///     )
///     .break_glass(Rule::role("nurse").on::<Chart>().to([Action::Read]));
/// let policy = Policy::new(policy); // a value for the layer, or the context
/// ```
///
/// It asks nobody and takes no memory. Nobody who is not authenticated is allowed anything, and
/// nothing of another tenant is. Detached work is allowed what a rule says it is
/// [also](Rule::also_detached) for, never by a role, and never by breaking the glass.
#[derive(Default)]
#[must_use = "a policy decides nothing until it is in a context"]
pub struct RolePolicy {
    rules: Rules,
    emergency_rules: Rules,
    is_for_detached_work: bool,
}

impl RolePolicy {
    /// Denies everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows what the rule says.
    pub fn allow(mut self, rule: Rule) -> Self {
        self.is_for_detached_work |= rule.is_for_detached_work();
        self.rules.push(rule);
        self
    }

    /// Allows what the rule says in an [emergency](crate::access::Authorize::break_glass), to be
    /// reviewed.
    pub fn break_glass(mut self, rule: Rule) -> Self {
        self.emergency_rules.push(rule);
        self
    }

    /// The verdict, in a byte.
    #[inline]
    pub(in crate::access) fn find(&self, question: &Question<'_>) -> Finding {
        if question.subject().is_none() {
            return Finding::Nobody;
        }
        let is_detached = question.is_detached();
        if is_detached && !self.is_for_detached_work {
            return Finding::Detached;
        }
        if !question.is_of_tenant() {
            return Finding::OtherTenant;
        }
        match self.rules.cover(question, is_detached) {
            Covers::Yes => Finding::Allowed,
            Covers::No => self.find_in_emergency(question, is_detached),
            Covers::Panicked => Finding::Panicked,
        }
    }

    #[cold]
    fn find_in_emergency(&self, question: &Question<'_>, is_detached: bool) -> Finding {
        if question.emergency().is_none() || is_detached {
            return Finding::NoRule;
        }
        match self.emergency_rules.cover(question, is_detached) {
            Covers::Yes => Finding::BreakGlass,
            Covers::No => Finding::NoRule,
            Covers::Panicked => Finding::Panicked,
        }
    }
}

/// What [`RolePolicy`] answers.
#[derive(Clone, Copy)]
pub(in crate::access) enum Finding {
    Allowed,
    BreakGlass,
    Nobody,
    OtherTenant,
    Detached,
    NoRule,
    Panicked,
}

impl From<Finding> for Verdict {
    fn from(finding: Finding) -> Self {
        match finding {
            Finding::Allowed => Self::allow(),
            Finding::BreakGlass => Self::break_glass(),
            Finding::Nobody => Self::deny("nobody is authenticated"),
            Finding::OtherTenant => Self::deny("it is of another tenant"),
            Finding::Detached => Self::deny("detached work has no authority"),
            Finding::NoRule => Self::deny("no rule allows it"),
            Finding::Panicked => Self::panicked(),
        }
    }
}

impl Decide for RolePolicy {
    fn decide(&self, question: &Question<'_>) -> Decided {
        Verdict::from(self.find(question)).into()
    }

    fn decides_for_detached_work(&self) -> bool {
        self.is_for_detached_work
    }
}

impl fmt::Debug for RolePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RolePolicy")
            .field("rules", &self.rules)
            .field("emergency_rules", &self.emergency_rules)
            .finish()
    }
}
