//! What the use of a session can fail with.

use super::error::StoreError;
use super::token::NoRandomness;
use crate::context::NoContext;
use std::error::Error;
use std::fmt;

/// A session did not do what it was asked.
#[derive(Debug)]
pub struct SessionError {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Revoked,
    NoContext(NoContext),
    NoLayer,
    Foreign,
    OwnerMismatch,
    TooLate,
    Contended,
    Malformed(&'static str),
    Randomness(NoRandomness),
    Store(StoreError),
}

impl SessionError {
    pub(super) const REVOKED: Self = Self { kind: Kind::Revoked };
    pub(super) const NO_LAYER: Self = Self { kind: Kind::NoLayer };
    pub(super) const FOREIGN: Self = Self { kind: Kind::Foreign };
    pub(super) const OWNER_MISMATCH: Self = Self { kind: Kind::OwnerMismatch };
    pub(super) const TOO_LATE: Self = Self { kind: Kind::TooLate };
    pub(super) const CONTENDED: Self = Self { kind: Kind::Contended };

    /// What is under `key` is not what the code takes it for. What it is instead is not told: an
    /// error ends up in a log.
    pub(super) fn malformed(key: &'static str) -> Self {
        Self { kind: Kind::Malformed(key) }
    }

    fn store(&self) -> Option<&StoreError> {
        match &self.kind {
            Kind::Store(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the session is over: logged out, rotated, deleted or expired, here or elsewhere. The
    /// request should end as one without a session.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        matches!(self.kind, Kind::Revoked)
    }

    /// Whether the code runs outside every context, so that nobody knows for whom.
    #[must_use]
    pub fn is_no_context(&self) -> bool {
        matches!(self.kind, Kind::NoContext(_))
    }

    /// Whether the context has no session handle: no session layer stands around this route.
    #[must_use]
    pub fn is_no_layer(&self) -> bool {
        matches!(self.kind, Kind::NoLayer)
    }

    /// Whether the handle was used in a context that is for somebody else than its own.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        matches!(self.kind, Kind::Foreign)
    }

    /// Whether the session in the store belongs to somebody else than who asked.
    #[must_use]
    pub fn is_owner_mismatch(&self) -> bool {
        matches!(self.kind, Kind::OwnerMismatch)
            || self.store().is_some_and(StoreError::is_owner_mismatch)
    }

    /// Whether the head of the response was sent already, so that the client could not learn a new
    /// token.
    #[must_use]
    pub fn is_too_late(&self) -> bool {
        matches!(self.kind, Kind::TooLate)
    }

    /// Whether others wrote the session each time before this write did, as often as it was tried.
    #[must_use]
    pub fn is_contended(&self) -> bool {
        matches!(self.kind, Kind::Contended)
    }

    /// Whether what is stored is not of the type that it was read as, or cannot be written as JSON.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(self.kind, Kind::Malformed(_))
    }

    /// Whether a limit of the store is reached; [`limit`](Self::limit) says which.
    #[must_use]
    pub fn is_capacity(&self) -> bool {
        self.limit().is_some()
    }

    /// The limit that is reached: the name of a field of [`Limits`](super::Limits).
    #[must_use]
    pub fn limit(&self) -> Option<&'static str> {
        self.store().and_then(StoreError::limit)
    }

    /// Whether the store, or the source of random bytes, could not be reached; nothing has happened.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self.kind, Kind::Randomness(_))
            || self.store().is_some_and(StoreError::is_unavailable)
    }

    /// Whether it is unknown if what was asked has happened, also after it was asked again.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.store().is_some_and(StoreError::is_in_doubt)
    }

    /// Whether the store's answer was not one to what was asked.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        self.store().is_some_and(StoreError::is_corrupt)
    }
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        let kind = if error.is_gone() { Kind::Revoked } else { Kind::Store(error) };
        Self { kind }
    }
}

impl From<NoContext> for SessionError {
    fn from(error: NoContext) -> Self {
        Self { kind: Kind::NoContext(error) }
    }
}

impl From<NoRandomness> for SessionError {
    fn from(error: NoRandomness) -> Self {
        Self { kind: Kind::Randomness(error) }
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Revoked => {
                "the session is over: logged out, rotated, deleted or expired; begin a new one"
            }
            Kind::NoContext(_) => {
                "a session was used outside every `RequestContext`; carry the context along, \
                 with `in_current_context`, `carry` or `spawn`"
            }
            Kind::NoLayer => {
                "no `Session` is in the current `RequestContext`; put the session layer around this \
                 route, inside the `RequestContextLayer`"
            }
            Kind::Foreign => {
                "a session was used in a context that is for somebody else; take the handle from \
                 `Session::current`, and log users in by `Session::log_in`"
            }
            Kind::OwnerMismatch => "the session belongs to somebody else; begin a new one",
            Kind::TooLate => {
                "the head of the response is sent, so the client cannot learn a new session token; \
                 begin or rotate the session before responding"
            }
            Kind::Contended => {
                "others wrote the session each time before this write did; \
                 write less often, or append to a list"
            }
            Kind::Malformed("") => "the data of the session cannot be read",
            Kind::Malformed(key) => {
                return write!(f, "what the session has as `{key}` is not of the type asked for");
            }
            Kind::Randomness(_) => "no session token could be made",
            Kind::Store(_) => "the session store failed",
        })
    }
}

impl Error for SessionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::NoContext(error) => Some(error),
            Kind::Randomness(error) => Some(error),
            Kind::Store(error) => Some(error),
            _ => None,
        }
    }
}
