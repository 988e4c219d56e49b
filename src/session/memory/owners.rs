//! Which sessions an owner has.

use crate::context::SessionId;
use crate::owner::Owner;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// The sessions of each owner that has a user; also ones that are gone, and never too few.
pub(super) struct Owners {
    shards: Box<[Mutex<OwnerShard>]>,
    random: RandomState,
}

pub(super) type OwnerShard = HashMap<Owner, Vec<Member>>;

#[derive(Clone)]
pub(super) struct Member {
    pub(super) id: SessionId,
    pub(super) hash: u64,
    pub(super) serial: u64,
}

impl Owners {
    pub(super) fn new(shards: usize) -> Self {
        let shards = (0..shards).map(|_| Mutex::default()).collect();
        Self { shards, random: RandomState::new() }
    }

    /// Locks the part of the index that has `owner`; `None` without a user, who has none: the visitors
    /// of a tenant are not one owner.
    pub(super) fn lock(&self, owner: &Owner) -> Option<MutexGuard<'_, OwnerShard>> {
        let shard = self.random.hash_one(owner) as usize & (self.shards.len() - 1);
        let lock = || self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        owner.user_id().is_some().then(lock)
    }

    pub(super) fn remove(&self, owner: &Owner, serial: u64) {
        if let Some(mut shard) = self.lock(owner) {
            remove(&mut shard, owner, serial);
        }
    }

    pub(super) fn len(&self) -> usize {
        let len =
            |shard: &Mutex<OwnerShard>| shard.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.shards.iter().map(len).sum()
    }
}

pub(super) fn add(shard: &mut OwnerShard, owner: &Owner, member: Member) {
    shard.entry(owner.clone()).or_default().push(member);
}

pub(super) fn remove(shard: &mut OwnerShard, owner: &Owner, serial: u64) {
    retain(shard, owner, |member| member.serial != serial);
}

pub(super) fn retain(shard: &mut OwnerShard, owner: &Owner, keep: impl FnMut(&Member) -> bool) {
    if let Some(members) = shard.get_mut(owner) {
        members.retain(keep);
        if members.is_empty() {
            shard.remove(owner);
        }
    }
}
