//! Which parameter a value was taken out of.

use super::Call;
use super::CallKind;
use super::FnFacts;
use serde::Deserialize;
use serde::Serialize;

/// The parameter that a value was taken out of, and is still what stood in there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lint) struct Origin {
    /// Its place among the parameters, `self` not counted.
    pub(in crate::lint) param: u16,
    /// Whether it is all of it, or what its only variant holds.
    pub(in crate::lint) is_whole: bool,
    /// The field or key that it was last taken out by.
    pub(in crate::lint) part: Option<String>,
}

/// A call that is given what was taken out of a parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Passed {
    pub(in crate::lint) call: Call,
    /// The place of the argument.
    pub(in crate::lint) at: u16,
    pub(in crate::lint) origin: Origin,
}

impl Passed {
    /// The parameter of `target` that the argument is for, none where it is for `self`: `Type::method(&it, argument)`.
    pub(in crate::lint) fn param_of(&self, target: &FnFacts) -> Option<u16> {
        let has_self = self.call.kind == CallKind::Path && target.has_self;
        self.at.checked_sub(u16::from(has_self))
    }
}
