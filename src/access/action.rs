//! What is done to a resource.

use std::fmt;

/// What is done to a resource.
///
/// The named ones are those of OCSF's Datastore Activity; an application's own has a name of its
/// own.
///
/// ```
/// use request_context::access::Action;
///
/// const PRESCRIBE: Action = Action::Other("prescribe");
/// assert_eq!(PRESCRIBE.name(), "prescribe");
/// assert_eq!(Action::Read.to_string(), "read");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Looks at one thing.
    Read,
    /// Looks for things that fit.
    Query,
    /// Looks at which things there are.
    List,
    /// Makes a new thing.
    Create,
    /// Replaces a thing, or makes it.
    Write,
    /// Changes a thing.
    Update,
    /// Removes a thing.
    Delete,
    /// What the application calls so.
    Other(&'static str),
}

impl Action {
    /// The name, as it is on record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Query => "query",
            Self::List => "list",
            Self::Create => "create",
            Self::Write => "write",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Other(name) => name,
        }
    }

    /// One bit of its own for each that has a name here, none for the others.
    #[inline]
    pub(crate) const fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Query => 1 << 1,
            Self::List => 1 << 2,
            Self::Create => 1 << 3,
            Self::Write => 1 << 4,
            Self::Update => 1 << 5,
            Self::Delete => 1 << 6,
            Self::Other(_) => 0,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
