//! One thing that some may do.

use super::Question;
use super::role::Role;
use crate::access::Action;
use crate::access::Resource;
use std::any::TypeId;
use std::any::type_name;
use std::borrow::Cow;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// What some users may do, for a [`RolePolicy`](super::RolePolicy).
///
/// It names who, on what, and which actions; as long as it does not, it allows nothing. It holds for
/// resources of the tenant of the context, and for those of none.
#[must_use = "a rule does nothing until it is part of a policy"]
pub struct Rule {
    who: Who,
    on: Option<On>,
    actions: Vec<Action>,
    /// The bits of `actions`.
    named_actions: u8,
    is_for_detached_work: bool,
}

enum Who {
    User,
    Owner,
    /// Apart, so that the three are told apart by a byte.
    Role(Box<Role>),
}

struct On {
    type_id: TypeId,
    type_name: &'static str,
    condition: Option<Condition>,
}

enum Unsaid {}

/// Whether a rule allows something.
pub(super) enum Covers {
    Yes,
    No,
    /// Its condition panicked, the only code in it that is not ours.
    Panicked,
}

type Condition = Box<dyn Fn(&Question<'_>) -> bool + Send + Sync>;

impl Rule {
    /// Every user with this [role](super::Roles).
    pub fn role(role: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Who::Role(Box::new(Role::new(role))))
    }

    /// The user whose the resource [is](Question::is_own).
    pub fn owner() -> Self {
        Self::of(Who::Owner)
    }

    /// Every authenticated user.
    pub fn user() -> Self {
        Self::of(Who::User)
    }

    fn of(who: Who) -> Self {
        Self { who, on: None, actions: Vec::new(), named_actions: 0, is_for_detached_work: false }
    }

    /// On every resource of type `R`.
    pub fn on<R: Resource + 'static>(self) -> Self {
        let (type_id, type_name) = (TypeId::of::<R>(), type_name::<R>());
        Self { on: Some(On { type_id, type_name, condition: None }), ..self }
    }

    /// On those resources of type `R` of which `holds` is true.
    pub fn on_where<R: Resource + 'static>(
        self,
        holds: impl Fn(&Question<'_>, &R) -> bool + Send + Sync + 'static,
    ) -> Self {
        let condition: Condition = Box::new(move |question| {
            question.resource::<R>().is_some_and(|resource| holds(question, resource))
        });
        let (type_id, type_name) = (TypeId::of::<R>(), type_name::<R>());
        Self { on: Some(On { type_id, type_name, condition: Some(condition) }), ..self }
    }

    /// May do these, and those named before.
    pub fn to(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        self.actions.extend(actions);
        self.named_actions = self.actions.iter().fold(0, |bits, action| bits | action.bit());
        self
    }

    /// Also in [detached](crate::RequestContext::detach) work that came from such a user. Roles do
    /// not reach there, nor does the tenant; so this is for owners, and for users.
    pub fn also_detached(self) -> Self {
        Self { is_for_detached_work: true, ..self }
    }

    pub(super) fn is_for_detached_work(&self) -> bool {
        self.is_for_detached_work
    }

    /// What the resources are that it speaks of: for one that does not, what no resource is.
    pub(super) fn type_id(&self) -> TypeId {
        self.on.as_ref().map_or(TypeId::of::<Unsaid>(), |on| on.type_id)
    }

    /// Whether it speaks of this action, which has this bit.
    #[inline]
    pub(super) fn is_about(&self, action: Action, bit: u8) -> bool {
        self.named_actions & bit != 0 || bit == 0 && self.names(action)
    }

    #[cold]
    fn names(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }

    /// Whether it allows what it [speaks of](Self::is_about).
    #[inline]
    pub(super) fn covers(&self, question: &Question<'_>, is_detached: bool) -> Covers {
        let Some(on) = &self.on else { return Covers::No };
        let is_for_them = (self.is_for_detached_work || !is_detached)
            && match &self.who {
                Who::User => question.subject().is_some(),
                Who::Owner => question.is_own(),
                Who::Role(role) => {
                    question.user().is_some()
                        && question.roles().is_some_and(|roles| roles.has(role))
                }
            };
        match &on.condition {
            _ if !is_for_them => Covers::No,
            None => Covers::Yes,
            Some(holds) => match catch_unwind(AssertUnwindSafe(|| holds(question))) {
                Ok(true) => Covers::Yes,
                Ok(false) => Covers::No,
                Err(_) => Covers::Panicked,
            },
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match &self.who {
            Who::User => "any user",
            Who::Owner => "its owner",
            Who::Role(role) => role.name(),
        };
        f.debug_struct("Rule")
            .field("who", &who)
            .field("on", &self.on.as_ref().map(|on| on.type_name))
            .field("actions", &self.actions)
            .field("also_detached", &self.is_for_detached_work)
            .finish_non_exhaustive()
    }
}
