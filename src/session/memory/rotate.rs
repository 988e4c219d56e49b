//! A session takes the place of another.

use super::entry::Entry;
use super::owners;
use super::owners::Member;
use super::store::Inner;
use super::store::MemoryStore;
use super::table::Table;
use super::table::Waste;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::NewSession;
use crate::session::Record;
use crate::session::Rotation;
use crate::session::StoreError;
use std::collections::BTreeMap;
use std::sync::MutexGuard;
use tokio::time::Instant;

type Tables<'a> = BTreeMap<usize, MutexGuard<'a, Table>>;

impl MemoryStore {
    /// See [`rotate`](crate::session::SessionStore::rotate).
    ///
    /// # Errors
    /// Gone, owner mismatch, exists, or the capacity `sessions_per_owner`.
    pub fn rotate(
        &self,
        id: &SessionId,
        owner: &Owner,
        rotation: Rotation,
    ) -> Result<Record, StoreError> {
        let rotation = Rotation { owner: rotation.owner.without_session(), ..rotation };
        let inner = &*self.inner;
        let mut waste = Waste::default();
        let now = Instant::now();
        // Both shards are locked at once, so nobody sees both sessions, or neither.
        let mut index = inner.owners.lock(&rotation.owner);
        let is_full = rotation.owner != *owner
            && index.as_mut().is_some_and(|index| inner.is_owner_full(index, &rotation.owner, now));
        let hashes = [inner.hash(id), inner.hash(&rotation.id)];
        let mut tables = inner.lock_all(hashes.into_iter());
        let step = Step { inner, now, hashes, id, owner, is_full };
        let answer = step.rotate(&mut tables, index.as_deref_mut(), rotation, &mut waste);
        drop((tables, index));
        inner.forget(&waste);
        answer
    }
}

/// What one rotation goes by.
struct Step<'a> {
    inner: &'a Inner,
    now: Instant,
    hashes: [u64; 2],
    id: &'a SessionId,
    owner: &'a Owner,
    is_full: bool,
}

impl Step<'_> {
    fn rotate(
        &self,
        tables: &mut Tables<'_>,
        index: Option<&mut owners::OwnerShard>,
        rotation: Rotation,
        waste: &mut Waste,
    ) -> Result<Record, StoreError> {
        let [old_hash, new_hash] = self.hashes;
        let taken = self.get(tables, new_hash, &rotation.id, waste).map(|entry| {
            let is_retry = entry.made_by == rotation.write
                && entry.made_from == Some(old_hash)
                && entry.owner == rotation.owner;
            is_retry.then(|| entry.record(self.now))
        });
        if let Some(Some(record)) = taken {
            return Ok(record);
        }
        let old = self.get(tables, old_hash, self.id, waste).ok_or_else(StoreError::gone)?;
        if old.owner != *self.owner {
            return Err(StoreError::owner_mismatch());
        }
        if taken.is_some() {
            return Err(StoreError::exists());
        }
        if self.is_full {
            return Err(StoreError::capacity("sessions_per_owner"));
        }
        let old_serial = old.serial;
        let old = tables
            .get_mut(&self.inner.shard_of(old_hash))
            .and_then(|table| table.take_for_successor(old_hash, old_serial, self.now))
            .ok_or_else(StoreError::gone)?;
        let entry = self.successor(old, rotation, waste);
        let record = entry.record(self.now);
        if let Some(index) = index {
            owners::remove(index, &entry.owner, old_serial);
            owners::add(index, &entry.owner, Member::of(&entry));
        }
        self.inner.wake.due_at(entry.expires);
        if let Some(table) = tables.get_mut(&self.inner.shard_of(new_hash)) {
            table.succeed(entry);
        }
        Ok(record)
    }

    /// For the same owner the entry goes on under another ID; for another one it begins anew.
    fn successor(&self, mut old: Box<Entry>, rotation: Rotation, waste: &mut Waste) -> Box<Entry> {
        let [old_hash, new_hash] = self.hashes;
        let serial = self.inner.next_serial();
        let Rotation { id, owner, timeouts, write } = rotation;
        let mut entry = if old.owner == owner {
            old.id = id;
            old.hash = new_hash;
            old.serial = serial;
            old
        } else {
            waste.entries.push(old);
            let new = NewSession { write, ..NewSession::new(owner, timeouts) };
            Entry::new(id, new_hash, serial, new, self.now)
        };
        entry.made_by = write;
        entry.made_from = Some(old_hash);
        entry
    }

    fn get<'t>(
        &self,
        tables: &'t mut Tables<'_>,
        hash: u64,
        id: &SessionId,
        waste: &mut Waste,
    ) -> Option<&'t mut Entry> {
        tables.get_mut(&self.inner.shard_of(hash))?.get(hash, id, self.now, waste)
    }
}
