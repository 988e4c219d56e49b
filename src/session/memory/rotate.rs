//! A session takes the place of another.

use super::entry::Entry;
use super::entry::Made;
use super::moment::Moment;
use super::owners::Index;
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
use std::sync::MutexGuard;

/// The shards of the old session and of the new one; perhaps it is one for both.
struct Tables<'a> {
    old: MutexGuard<'a, Table>,
    new: Option<MutexGuard<'a, Table>>,
}

impl<'a> Tables<'a> {
    /// Locks them in their order.
    fn lock(inner: &'a Inner, hashes: [u64; 2]) -> Self {
        let [old, new] = hashes.map(|hash| inner.shard_of(hash));
        if new < old {
            let new = Some(inner.lock(new));
            return Self { old: inner.lock(old), new };
        }
        let first = inner.lock(old);
        Self { old: first, new: (new != old).then(|| inner.lock(new)) }
    }

    fn of_new(&mut self) -> &mut Table {
        self.new.as_mut().unwrap_or(&mut self.old)
    }
}

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
        let mut index = inner.owners.lock(inner.owners.hash(&rotation.owner));
        let is_full = rotation.owner != *owner
            && index
                .as_mut()
                .is_some_and(|index| inner.is_owner_full(index, &rotation.owner, &mut waste));
        let hashes = [inner.hash(id), inner.hash(&rotation.id)];
        // Both shards are locked at once, so nobody sees both sessions, or neither.
        let mut tables = Tables::lock(inner, hashes);
        let now = inner.clock.now();
        let step = Step { inner, now, hashes, id, owner, is_full };
        let answer = step.rotate(&mut tables, index.as_mut(), rotation, &mut waste);
        drop((tables, index));
        inner.forget(&waste);
        answer
    }
}

impl MemoryStore {
    /// See [`successor`](crate::session::SessionStore::successor).
    #[must_use]
    pub fn successor(&self, id: &SessionId) -> Option<SessionId> {
        let inner = &*self.inner;
        let hash = inner.hash(id);
        let mut table = inner.lock(inner.shard_of(hash));
        table.graves().successor(hash, id, inner.clock.now())
    }
}

/// What one rotation goes by.
struct Step<'a> {
    inner: &'a Inner,
    now: Moment,
    hashes: [u64; 2],
    id: &'a SessionId,
    owner: &'a Owner,
    is_full: bool,
}

impl Step<'_> {
    #[inline]
    fn rotate(
        &self,
        tables: &mut Tables<'_>,
        index: Option<&mut Index<'_>>,
        rotation: Rotation,
        waste: &mut Waste,
    ) -> Result<Record, StoreError> {
        let [old_hash, new_hash] = self.hashes;
        let made = Made::from(old_hash, rotation.write);
        let taken = tables.of_new().get(new_hash, &rotation.id, self.now, waste).map(|entry| {
            let is_retry = entry.made() == made && entry.account.is(&rotation.owner);
            is_retry.then(|| entry.record(self.now))
        });
        if let Some(Some(record)) = taken {
            return Ok(record);
        }
        let old = tables.old.get(old_hash, self.id, self.now, waste);
        let old = old.ok_or_else(StoreError::gone)?;
        if !old.account.is(self.owner) {
            return Err(StoreError::owner_mismatch());
        }
        if taken.is_some() {
            return Err(StoreError::exists());
        }
        if self.is_full {
            return Err(StoreError::capacity("sessions_per_owner"));
        }
        let (old_serial, is_same) = (old.serial, old.account.is(&rotation.owner));
        let old = tables.old.take_for_successor(old_hash, old_serial, self.now);
        let mut entry = self.successor(old.ok_or_else(StoreError::gone)?, rotation, waste);
        entry.was_made(made);
        if is_same {
            let (id, next) = (self.id.clone(), entry.id.clone());
            tables.old.graves().follow(old_hash, id, next, self.now);
        }
        let record = entry.record(self.now);
        if let Some(index) = index {
            let member = Member::of(&entry);
            if is_same {
                index.replace(entry.place, member);
            } else {
                entry.place = index.add(member);
            }
        }
        self.inner.wake.due_at(entry.expires);
        tables.of_new().succeed(entry);
        Ok(record)
    }

    /// For the same owner the entry goes on under another ID; for another one it begins anew.
    #[inline]
    fn successor(&self, mut old: Entry, rotation: Rotation, waste: &mut Waste) -> Entry {
        let [_, new_hash] = self.hashes;
        let serial = self.inner.next_serial();
        let Rotation { id, owner, timeouts, write } = rotation;
        if old.account.is(&owner) {
            old.rename(id, new_hash, serial);
            return old;
        }
        waste.entries.push(old);
        let new = NewSession { write, ..NewSession::new(owner, timeouts) };
        Entry::new(id, new_hash, serial, &new, self.now)
    }
}
