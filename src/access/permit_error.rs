//! Why a permit does not hold.

use crate::context::NoContext;
use std::error::Error;
use std::fmt;

/// A permit does not hold here, or no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitError {
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Outside(NoContext),
    OtherOwner,
    OtherRequest,
    OtherAction,
    Revoked,
    Ended,
}

impl PermitError {
    pub(super) const fn outside() -> Self {
        Self { kind: Kind::Outside(NoContext::new()) }
    }

    pub(super) const fn other_owner() -> Self {
        Self { kind: Kind::OtherOwner }
    }

    pub(super) const fn other_request() -> Self {
        Self { kind: Kind::OtherRequest }
    }

    pub(super) const fn other_action() -> Self {
        Self { kind: Kind::OtherAction }
    }

    pub(super) const fn revoked() -> Self {
        Self { kind: Kind::Revoked }
    }

    pub(super) const fn ended() -> Self {
        Self { kind: Kind::Ended }
    }

    /// What is said of it on record.
    pub(super) const fn reason(&self) -> &'static str {
        match self.kind {
            Kind::Outside(_) => "a permit is used outside every scope",
            Kind::OtherOwner => "the permit is somebody else's",
            Kind::OtherRequest => "the permit is of another request",
            Kind::OtherAction => "the permit is for another action",
            Kind::Revoked => "the session is over",
            Kind::Ended => "the request has ended",
        }
    }

    /// Whether no context is current: the code runs outside every scope.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        matches!(self.kind, Kind::Outside(_))
    }

    /// Whether the permit was given to another tenant, user or session than the current context is
    /// for.
    #[must_use]
    pub fn is_other_owner(&self) -> bool {
        self.kind == Kind::OtherOwner
    }

    /// Whether the permit was given in another request, be it of the same user.
    #[must_use]
    pub fn is_other_request(&self) -> bool {
        self.kind == Kind::OtherRequest
    }

    /// Whether the permit is for something else than is to be done.
    #[must_use]
    pub fn is_other_action(&self) -> bool {
        self.kind == Kind::OtherAction
    }

    /// Whether the session is over: logged out, rotated, deleted or expired.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.kind == Kind::Revoked
    }

    /// Whether the request has ended since.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.kind == Kind::Ended
    }
}

impl fmt::Display for PermitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Outside(_) => {
                "a permit was used outside every scope; use it in the context that it was given to"
            }
            Kind::OtherOwner => {
                "the permit was given to somebody else than the current context is for; \
                 look for the place that mixed the two up"
            }
            Kind::OtherRequest => {
                "the permit was given in another request; ask for one in each request"
            }
            Kind::OtherAction => "the permit is for another action; ask for one for this action",
            Kind::Revoked => "the session is over, and the permit with it; begin a new one",
            Kind::Ended => {
                "the request has ended, and the permit with it; work that goes on asks anew"
            }
        })
    }
}

impl Error for PermitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Outside(source) => Some(source),
            _ => None,
        }
    }
}
