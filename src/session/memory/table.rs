//! One shard: its sessions, and when each of them has to be looked at.

use super::entry::Entry;
use super::graves::Graves;
use super::list::Item;
use super::looks::Look;
use super::looks::Looks;
use super::moment::Moment;
use crate::context::SessionId;
use bytes::Bytes;
use hashbrown::HashTable;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// What every operation reads stands first, in the line of the cache that has the lock.
#[repr(C)]
pub(super) struct Table {
    /// In place, so that who has found one has it in the cache.
    entries: HashTable<Entry>,
    looks: Looks,
    /// Apart, since few ask for them.
    graves: Box<Graves>,
    /// The sessions of all shards.
    count: Arc<AtomicUsize>,
}

/// What was taken out of a shard, to be dropped when its lock is released.
#[derive(Default)]
pub(super) struct Waste {
    pub(super) entries: Vec<Entry>,
    pub(super) data: Option<Bytes>,
    pub(super) items: Vec<Item>,
}

/// What came of a look at what is due.
pub(super) struct Expired {
    pub(super) removed: usize,
    /// Whether more is due.
    pub(super) is_more: bool,
}

impl Table {
    pub(super) fn new(count: Arc<AtomicUsize>) -> Self {
        let (entries, looks) = (HashTable::new(), Looks::new());
        Self { entries, looks, graves: Box::default(), count }
    }

    /// The session, if it is there; one that has expired is taken out.
    #[inline]
    pub(super) fn get(
        &mut self,
        hash: u64,
        id: &SessionId,
        now: Moment,
        waste: &mut Waste,
    ) -> Option<&mut Entry> {
        let found = self.entries.find_entry(hash, |entry| entry.id == *id).ok()?;
        if found.get().is_expired(now) {
            let (entry, _) = found.remove();
            self.count.fetch_sub(1, Ordering::AcqRel);
            self.graves.bury(&entry, now);
            waste.entries.push(entry);
            return None;
        }
        Some(found.into_mut())
    }

    pub(super) fn find(&self, hash: u64, serial: u64) -> Option<&Entry> {
        self.entries.find(hash, |entry| entry.serial == serial)
    }

    pub(super) fn take(&mut self, hash: u64, serial: u64, now: Moment) -> Option<Entry> {
        let entry = self.take_for_successor(hash, serial, now)?;
        self.count.fetch_sub(1, Ordering::AcqRel);
        Some(entry)
    }

    /// Takes a session out that goes on to count until [`succeed`](Self::succeed), so that no other one
    /// gets its place.
    #[inline]
    pub(super) fn take_for_successor(
        &mut self,
        hash: u64,
        serial: u64,
        now: Moment,
    ) -> Option<Entry> {
        let found = self.entries.find_entry(hash, |entry| entry.serial == serial).ok()?;
        let (entry, _) = found.remove();
        self.graves.bury(&entry, now);
        if self.looks.len() > 4 * self.entries.len() + 64 {
            let entries = &self.entries;
            self.looks.retain(|look| {
                entries.find(look.hash, |entry| entry.serial == look.serial).is_some()
            });
        }
        Some(entry)
    }

    /// Adds a session if there are fewer than `limit` in all shards; whether there are.
    pub(super) fn insert_below(&mut self, limit: usize, entry: Entry, waste: &mut Waste) -> bool {
        let more = |count| (count < limit).then_some(count + 1);
        let has_room = self.count.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_ok();
        if has_room {
            self.put(entry);
        } else {
            waste.entries.push(entry);
        }
        has_room
    }

    /// Adds a session in the place of one that was taken out for it, and is counted.
    #[inline]
    pub(super) fn succeed(&mut self, entry: Entry) {
        self.put(entry);
    }

    #[inline]
    fn put(&mut self, entry: Entry) {
        self.looks.push(Look::at(&entry));
        self.entries.insert_unique(entry.hash, entry, |entry| entry.hash);
    }

    /// Takes out what has expired, in `most` steps at most.
    #[inline]
    pub(super) fn expire(&mut self, now: Moment, most: usize, waste: &mut Waste) -> Expired {
        if now < self.looks.next() {
            return Expired { removed: 0, is_more: false };
        }
        self.take_expired(now, most, waste)
    }

    #[cold]
    fn take_expired(&mut self, now: Moment, most: usize, waste: &mut Waste) -> Expired {
        let mut removed = 0;
        for _ in 0..most {
            let Some(Look { hash, serial, .. }) = self.looks.pop(now) else { break };
            match self.find(hash, serial) {
                // It was used since.
                Some(entry) if !entry.is_expired(now) => {
                    let look = Look::at(entry);
                    self.looks.push(look);
                }
                Some(_) => {
                    waste.entries.extend(self.take(hash, serial, now));
                    removed += 1;
                }
                None => {}
            }
        }
        Expired { removed, is_more: self.looks.next() <= now }
    }

    pub(super) fn graves(&mut self) -> &mut Graves {
        &mut self.graves
    }

    /// When something may have expired next; never, if nothing is there.
    pub(super) fn next_look(&self) -> Moment {
        self.looks.next()
    }
}

#[cfg(test)]
mod tests {
    use crate::context::SessionId;
    use crate::owner::Owner;
    use crate::session::MemoryStore;
    use crate::session::NewSession;
    use crate::session::Rotation;
    use crate::session::Timeouts;

    #[test]
    fn what_is_rotated_for_ever_leaves_nothing_behind() {
        let store = MemoryStore::default();
        let (owner, timeouts) = (Owner::nobody(), Timeouts::default());
        let id = |number: usize| -> SessionId { number.to_string().parse().unwrap() };
        store.create(&id(0), NewSession::new(owner.clone(), timeouts)).unwrap();
        for number in 0..20_000 {
            let next = Rotation::new(id(number + 1), owner.clone(), timeouts);
            store.rotate(&id(number), &owner, next).unwrap();
        }
        let shards = 0..store.inner.shards();
        let looks: usize = shards.map(|shard| store.inner.lock(shard).looks.len()).sum();
        assert!(looks < 128 * 70, "{looks}");
    }
}
