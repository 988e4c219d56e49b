//! Whom a sealed value opens for.

use super::error::OwnedError;
use super::owner::Owner;
use super::owner::Whose;
use crate::context::RequestContext;
use crate::context::current;

/// An owner with a user or a session.
#[derive(Clone)]
pub(super) struct Seal(Owner);

impl Seal {
    pub(super) fn new(owner: Owner) -> Result<Self, OwnedError> {
        if owner.user_id().is_none() && owner.session_id().is_none() {
            return Err(OwnedError::nobody());
        }
        Ok(Self(owner))
    }

    /// A seal of the owner that `owner` takes from the current context.
    pub(super) fn current(
        owner: impl FnOnce(&RequestContext) -> Result<Owner, OwnedError>,
    ) -> Result<Self, OwnedError> {
        in_current(|context| Self::new(owner(context)?))
    }

    /// Whether the current context may see what is sealed.
    pub(super) fn check(&self) -> Result<(), OwnedError> {
        in_current(|context| {
            if self.names(Whose::of(context)) { Ok(()) } else { Err(OwnedError::other_owner()) }
        })
    }

    fn names(&self, whose: Whose<'_>) -> bool {
        let Whose { tenant, user, session } = self.0.as_whose();
        tenant == whose.tenant
            && (user.is_none() || user == whose.user)
            && (session.is_none() || session == whose.session)
    }

    pub(super) fn owner(&self) -> &Owner {
        &self.0
    }
}

fn in_current<R>(
    read: impl FnOnce(&RequestContext) -> Result<R, OwnedError>,
) -> Result<R, OwnedError> {
    current::peek(
        |context| {
            if context.is_revoked() { Err(OwnedError::revoked()) } else { read(context) }
        },
    )
    .unwrap_or_else(|| Err(OwnedError::outside()))
}
