//! A policy of roles and ownership.

use super::Decide;
use super::Decided;
use super::Question;
use super::Rule;
use super::Verdict;

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
#[derive(Debug, Default)]
#[must_use = "a policy decides nothing until it is in a context"]
pub struct RolePolicy {
    rules: Vec<Rule>,
    emergency_rules: Vec<Rule>,
}

impl RolePolicy {
    /// Denies everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows what the rule says.
    pub fn allow(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Allows what the rule says in an [emergency](crate::access::Authorize::break_glass), to be
    /// reviewed.
    pub fn break_glass(mut self, rule: Rule) -> Self {
        self.emergency_rules.push(rule);
        self
    }

    #[inline]
    fn verdict(&self, question: &Question<'_>) -> Verdict {
        if question.subject().is_none() {
            return Verdict::deny("nobody is authenticated");
        }
        if !question.is_of_tenant() {
            return Verdict::deny("it is of another tenant");
        }
        // Asked for once for all rules.
        let (resource_type, action) = (question.type_id(), question.action().bit());
        let is_detached = question.is_detached();
        let any = |rules: &[Rule]| {
            rules.iter().any(|rule| {
                rule.is_about(resource_type, action, question) && rule.covers(question, is_detached)
            })
        };
        if any(&self.rules) {
            return Verdict::allow();
        }
        let is_emergency = question.emergency().is_some() && !is_detached;
        if is_emergency && any(&self.emergency_rules) {
            return Verdict::break_glass();
        }
        Verdict::deny("no rule allows it")
    }
}

impl Decide for RolePolicy {
    fn decide(&self, question: &Question<'_>) -> Decided {
        self.verdict(question).into()
    }

    fn decides_for_detached_work(&self) -> bool {
        self.rules.iter().any(Rule::is_for_detached_work)
    }
}
