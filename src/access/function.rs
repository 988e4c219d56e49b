//! What is allowed to call, without a resource.

use super::Action;
use super::Resource;
use std::borrow::Cow;

/// The resource of a permit that is about none: the function itself, by the name of its action. From
/// [`authorize_function`](super::authorize_function).
///
/// All functions are of this one type, so code that demands a `Permit<Function>` has to name the
/// function too, by [`Permit::resource_to`](super::Permit::resource_to). A type of your own that is a
/// [`Resource`] of one kind needs no such look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Function(Action);

impl Function {
    pub(super) fn new(action: Action) -> Self {
        Self(action)
    }

    /// What the function does.
    #[must_use]
    pub fn action(&self) -> Action {
        self.0
    }
}

impl Resource for Function {
    const TYPE: &'static str = "function";

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0.name())
    }
}
