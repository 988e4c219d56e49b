//! What is asked about.

use super::Resource;
use crate::owner::Owner;
use std::any::Any;
use std::any::TypeId;
use std::borrow::Cow;

/// A resource of whatever type, with what it says of itself, asked for once.
pub(super) struct About<'r> {
    pub(super) resource: &'r dyn Any,
    pub(super) type_id: TypeId,
    pub(super) resource_type: &'static str,
    pub(super) id: Cow<'r, str>,
    pub(super) owner: Owner,
}

impl<'r> About<'r> {
    #[inline]
    pub(super) fn of<R: Resource + 'static>(resource: &'r R) -> Self {
        let (type_id, resource_type) = (TypeId::of::<R>(), R::TYPE);
        Self { resource, type_id, resource_type, id: resource.id(), owner: resource.owner() }
    }
}
