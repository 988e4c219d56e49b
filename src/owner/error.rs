//! Why state that knows whose it is was not given out.

use crate::context::MissingIdentity;
use crate::context::NoContext;
use crate::context::current;
use std::error::Error;
use std::fmt;

/// State that knows whose it is was not given out.
///
/// It shows neither the value nor whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedError {
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Outside(NoContext),
    Missing(MissingIdentity),
    Nobody,
    OtherOwner,
    Revoked,
    Full,
    Deadlock,
}

impl OwnedError {
    pub(super) fn outside() -> Self {
        Self { kind: Kind::Outside(NoContext::new()) }
    }

    pub(super) fn nobody() -> Self {
        Self { kind: Kind::Nobody }
    }

    pub(super) fn other_owner() -> Self {
        Self { kind: Kind::OtherOwner }
    }

    pub(super) fn revoked() -> Self {
        Self { kind: Kind::Revoked }
    }

    pub(super) fn full() -> Self {
        Self { kind: Kind::Full }
    }

    pub(super) fn deadlock() -> Self {
        Self { kind: Kind::Deadlock }
    }

    /// The answer of the loud twins.
    #[cold]
    #[track_caller]
    pub(super) fn panic(&self) -> ! {
        match self.kind {
            Kind::Outside(_) => current::outside(),
            _ => panic!("{self}"),
        }
    }
}

impl OwnedError {
    /// Whether no context is current: the code runs outside every scope.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        matches!(self.kind, Kind::Outside(_))
    }

    /// Whether the context lacks the user or the session that this takes; anonymous requests without
    /// a session own nothing.
    #[must_use]
    pub fn is_missing_identity(&self) -> bool {
        matches!(self.kind, Kind::Missing(_) | Kind::Nobody)
    }

    /// Whether the value is somebody else's.
    #[must_use]
    pub fn is_other_owner(&self) -> bool {
        self.kind == Kind::OtherOwner
    }

    /// Whether the session of the context is over.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.kind == Kind::Revoked
    }

    /// Whether there are as many values already as there may be.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.kind == Kind::Full
    }

    /// Whether the value is in use by this very thread, or by one that waits for what this one uses:
    /// it would have waited for ever.
    #[must_use]
    pub fn is_deadlock(&self) -> bool {
        self.kind == Kind::Deadlock
    }
}

impl From<MissingIdentity> for OwnedError {
    fn from(missing: MissingIdentity) -> Self {
        Self { kind: Kind::Missing(missing) }
    }
}

impl fmt::Display for OwnedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Outside(_) => {
                "owned state was asked for outside every scope; ask for it in the owner's context"
            }
            Kind::Missing(_) => {
                "the current context lacks who this state would belong to; \
                 authenticate the request or start a session before this call"
            }
            Kind::Nobody => {
                "there is neither a user nor a session that the value could belong to; \
                 authenticate the request or start a session before this call"
            }
            Kind::OtherOwner => {
                "the value belongs to somebody else than the current context is for; \
                 look for the place that mixed the two up"
            }
            Kind::Revoked => "the session of the current context is over; begin a new one",
            Kind::Full => {
                "there are as many values already as `max` allows; \
                 raise it, or shorten the idle timeout"
            }
            Kind::Deadlock => {
                "the value is in use further up on this thread, or by a thread that waits for this \
                 one; finish that use before this one"
            }
        })
    }
}

impl Error for OwnedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Outside(source) => Some(source),
            Kind::Missing(source) => Some(source),
            _ => None,
        }
    }
}
