//! Who a session belongs to, as it stands in a shard.

use crate::context::TenantId;
use crate::context::UserId;
use crate::owner::Owner;

/// An owner but for the place of a session, which would be the largest part and is always empty.
pub(super) struct Account {
    tenant: Option<TenantId>,
    user: Option<UserId>,
}

impl Account {
    pub(super) fn of(owner: &Owner) -> Self {
        Self { tenant: owner.tenant_id().cloned(), user: owner.user_id().cloned() }
    }

    #[inline]
    pub(super) fn to_owner(&self) -> Owner {
        Owner::from_parts(self.tenant.clone(), self.user.clone(), None)
    }

    pub(super) fn tenant(&self) -> Option<&TenantId> {
        self.tenant.as_ref()
    }

    pub(super) fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    /// Whether `owner` is the same, in full.
    #[inline]
    pub(super) fn is(&self, owner: &Owner) -> bool {
        self.user.as_ref() == owner.user_id()
            && self.tenant.as_ref() == owner.tenant_id()
            && owner.session_id().is_none()
    }
}
