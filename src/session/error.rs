//! What a store can fail with.

use std::error::Error;
use std::fmt;

/// A store did not do what it was asked.
#[derive(Debug)]
pub struct StoreError {
    kind: Kind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gone,
    OwnerMismatch,
    Exists,
    Capacity(&'static str),
    Unavailable,
    InDoubt,
    Corrupt,
}

/// For those who write a store.
impl StoreError {
    /// There is no such session, or no longer.
    #[must_use]
    pub fn gone() -> Self {
        Self { kind: Kind::Gone, source: None }
    }

    /// The session belongs to somebody else than the one that the call names.
    #[must_use]
    pub fn owner_mismatch() -> Self {
        Self { kind: Kind::OwnerMismatch, source: None }
    }

    /// There is such a session already.
    #[must_use]
    pub fn exists() -> Self {
        Self { kind: Kind::Exists, source: None }
    }

    /// A limit is reached: the name of the field of [`Limits`](super::Limits).
    #[must_use]
    pub fn capacity(limit: &'static str) -> Self {
        Self { kind: Kind::Capacity(limit), source: None }
    }

    /// The store cannot be reached; nothing has happened.
    #[must_use]
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: Kind::Unavailable, source: Some(source.into()) }
    }

    /// The answer did not come, or not in time: what was asked may have happened.
    #[must_use]
    pub fn in_doubt(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: Kind::InDoubt, source: Some(source.into()) }
    }

    /// The store's answer is not one to what was asked: another session's record, or no record.
    #[must_use]
    pub fn corrupt(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: Kind::Corrupt, source: Some(source.into()) }
    }
}

impl StoreError {
    /// Whether the session is not there: it was never made, logged out, rotated, or it expired.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.kind == Kind::Gone
    }

    /// Whether the session belongs to somebody else.
    #[must_use]
    pub fn is_owner_mismatch(&self) -> bool {
        self.kind == Kind::OwnerMismatch
    }

    /// Whether the ID is taken.
    #[must_use]
    pub fn is_exists(&self) -> bool {
        self.kind == Kind::Exists
    }

    /// Whether a limit is reached; [`limit`](Self::limit) says which.
    #[must_use]
    pub fn is_capacity(&self) -> bool {
        matches!(self.kind, Kind::Capacity(_))
    }

    /// The limit that is reached: the name of a field of [`Limits`](super::Limits).
    #[must_use]
    pub fn limit(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Capacity(limit) => Some(limit),
            _ => None,
        }
    }

    /// Whether the store could not be reached and nothing has happened.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.kind == Kind::Unavailable
    }

    /// Whether it is unknown if what was asked has happened. Ask again with the same
    /// [`WriteId`](super::WriteId).
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.kind == Kind::InDoubt
    }

    /// Whether the store's answer was not one to what was asked.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        self.kind == Kind::Corrupt
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Gone => "the session is not there or no longer; begin a new one",
            Kind::OwnerMismatch => "the session belongs to somebody else; begin a new one",
            Kind::Exists => "there is a session of this ID already; make another ID",
            Kind::Capacity(limit) => {
                return write!(f, "the limit `{limit}` of the session store is reached");
            }
            Kind::Unavailable => "the session store cannot be reached; nothing has happened",
            Kind::InDoubt => {
                "the session store did not answer in time; what was asked may have happened, \
                 ask again with the same write ID"
            }
            Kind::Corrupt => "the session store's answer is not one to what was asked",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
