//! What a read can fail with.

use std::error::Error;
use std::fmt;

/// No context is current here: the code runs outside every scope.
///
/// Returned by the `try_` twin of each function that panics for the same reason. It is also the
/// answer while the thread's local storage is being torn down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoContext {
    _private: (),
}

impl NoContext {
    pub(crate) const fn new() -> Self {
        Self { _private: () }
    }
}

impl fmt::Display for NoContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no `RequestContext` is current here; \
             enter one with `scope`, or carry it here with `in_current_context`, `carry` or `spawn`",
        )
    }
}

impl Error for NoContext {}

/// The context is there, but it has no session or no user.
///
/// From [`RequestContext::require_session`](crate::RequestContext::require_session) and
/// [`RequestContext::require_user`](crate::RequestContext::require_user).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingIdentity {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Session,
    User,
}

impl MissingIdentity {
    pub(crate) const fn session() -> Self {
        Self { kind: Kind::Session }
    }

    pub(crate) const fn user() -> Self {
        Self { kind: Kind::User }
    }

    /// Whether the session is what is missing.
    #[must_use]
    pub fn is_session(&self) -> bool {
        self.kind == Kind::Session
    }

    /// Whether the user is what is missing.
    #[must_use]
    pub fn is_user(&self) -> bool {
        self.kind == Kind::User
    }
}

impl fmt::Display for MissingIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Session => {
                "the current request has no session; \
                 start one before this call, or ask `session()` where it may be absent"
            }
            Kind::User => {
                "the current request has no user; \
                 authenticate it before this call, or ask `user()` where it may be anonymous"
            }
        })
    }
}

impl Error for MissingIdentity {}
