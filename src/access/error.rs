//! Why an access is not allowed.

use super::PermitError;
use super::trail::TrailError;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// An access is not allowed, for whatever reason: there is no permit, or it no longer holds.
///
/// To whom was denied tell no more than that; the rest is for the log.
#[derive(Clone, Debug)]
pub struct AccessError {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Denied(Option<Cow<'static, str>>),
    NoPolicy,
    PolicyFailed(Arc<dyn Error + Send + Sync>),
    Trail(TrailError),
    Permit(PermitError),
}

impl AccessError {
    pub(super) const fn denied(reason: Option<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Denied(reason) }
    }

    pub(super) const fn no_policy() -> Self {
        Self { kind: Kind::NoPolicy }
    }

    pub(super) const fn policy_failed(error: Arc<dyn Error + Send + Sync>) -> Self {
        Self { kind: Kind::PolicyFailed(error) }
    }

    /// Whether the policy, having decided, denies it: for the client this is 403. It is on record.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self.kind, Kind::Denied(_))
    }

    /// Why the policy denies it, if it said so.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match &self.kind {
            Kind::Denied(reason) => reason.as_deref(),
            _ => None,
        }
    }

    /// Whether the context has no policy: a fault of the program.
    #[must_use]
    pub fn is_policy_missing(&self) -> bool {
        matches!(self.kind, Kind::NoPolicy)
    }

    /// Whether the policy could not decide; the source says why.
    #[must_use]
    pub fn is_policy_failed(&self) -> bool {
        matches!(self.kind, Kind::PolicyFailed(_))
    }

    /// Whether it could not be put on record; the source says why, and nothing is allowed without.
    #[must_use]
    pub fn is_trail_failed(&self) -> bool {
        matches!(self.kind, Kind::Trail(_))
    }

    /// Why a permit does not hold here, if that is it.
    #[must_use]
    pub fn as_permit_error(&self) -> Option<&PermitError> {
        match &self.kind {
            Kind::Permit(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the session is over.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.as_permit_error().is_some_and(PermitError::is_revoked)
    }
}

impl From<PermitError> for AccessError {
    fn from(error: PermitError) -> Self {
        Self { kind: Kind::Permit(error) }
    }
}

impl From<TrailError> for AccessError {
    fn from(error: TrailError) -> Self {
        Self { kind: Kind::Trail(error) }
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Denied(_) => "the policy does not allow this access",
            Kind::NoPolicy => {
                "the current context has no policy, so nothing is allowed; \
                 insert a `Policy` into the layer or the context"
            }
            Kind::PolicyFailed(_) => "the policy could not decide, so the access is denied",
            Kind::Trail(_) => "the decision cannot be put on record, so the access is denied",
            Kind::Permit(error) => return error.fmt(f),
        })
    }
}

impl Error for AccessError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Denied(_) | Kind::NoPolicy => None,
            Kind::PolicyFailed(error) => Some(&**error),
            Kind::Trail(error) => Some(error),
            Kind::Permit(error) => error.source(),
        }
    }
}
