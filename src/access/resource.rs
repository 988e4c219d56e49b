//! What can be accessed.

use crate::owner::Owner;
use std::borrow::Cow;

/// What can be accessed: of a type, with an ID, and somebody's.
///
/// ```
/// use request_context::UserId;
/// use request_context::access::Resource;
/// use request_context::owner::Owner;
/// use std::borrow::Cow;
///
/// struct Chart {
///     id: String,
///     patient: UserId,
/// }
///
/// impl Resource for Chart {
///     const TYPE: &'static str = "chart";
///
///     fn id(&self) -> Cow<'_, str> {
///         Cow::Borrowed(&self.id)
///     }
///
///     fn owner(&self) -> Owner {
///         Owner::user(self.patient.clone())
///     }
/// }
/// ```
pub trait Resource {
    /// The name of the type, as it is on record.
    const TYPE: &'static str;

    /// The ID among those of the type: a name for the thing, never what is in it.
    fn id(&self) -> Cow<'_, str>;

    /// Whose it is. Nobody's, unless said otherwise.
    fn owner(&self) -> Owner {
        Owner::nobody()
    }
}
