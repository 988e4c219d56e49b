//! Why an access is made.

use crate::context::ContextValue;
use crate::context::Reach;
use std::borrow::Cow;

/// Why the request accesses what it does, a [`ContextValue`]: for instance a code of HL7's
/// PurposeOfUse, such as `TREAT`.
///
/// No authority: detached work has it too. [`Access::purpose`](super::Access::purpose) says another
/// one for one access.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Purpose(Cow<'static, str>);

impl ContextValue for Purpose {
    const REACH: Reach = Reach::Beyond;
}

impl Purpose {
    /// The purpose of this name.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// The name, as it is on record.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
