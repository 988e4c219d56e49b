//! A part of a registry: what one lock guards. No code of the user's runs in here.

use super::owner::Whose;
use super::registry::BATCH;
use super::slot::Slot;
use hashbrown::HashTable;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(super) struct Shard<T: Send + 'static> {
    /// By the whole owner, and never by the hash alone, which is a matter of speed.
    slots: HashTable<(u64, Arc<Slot<T>>)>,
    /// Each slot once, by when to look at it next and its address. It may be due later by now, never
    /// earlier: a use leaves the queue alone.
    queue: BTreeMap<(u64, usize), Arc<Slot<T>>>,
}

/// How many pointers to a slot nobody uses: one of each collection.
const UNUSED: usize = 2;

pub(super) enum Found<T: Send + 'static> {
    Slot(Arc<Slot<T>>),
    /// It was due, and is removed.
    Idle(Arc<Slot<T>>),
}

impl<T: Send + 'static> Default for Shard<T> {
    fn default() -> Self {
        Self { slots: HashTable::new(), queue: BTreeMap::new() }
    }
}

impl<T: Send + 'static> Shard<T> {
    pub(super) fn get(&self, hash: u64, whose: Whose<'_>) -> Option<Arc<Slot<T>>> {
        let is_it = |(its, slot): &(u64, Arc<Slot<T>>)| *its == hash && slot.whose() == whose;
        self.slots.find(hash, is_it).map(|(_, slot)| Arc::clone(slot))
    }

    pub(super) fn insert(&mut self, slot: &Arc<Slot<T>>) {
        self.queue.insert(place(slot), Arc::clone(slot));
        self.slots.insert_unique(slot.hash, (slot.hash, Arc::clone(slot)), |(hash, _)| *hash);
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, slot: &Arc<Slot<T>>) -> bool {
        // By the place, since another of the same owner may be there by now.
        if self.queue.remove(&place(slot)).is_none() {
            return false;
        }
        match self.slots.find_entry(slot.hash, |(_, other)| Arc::ptr_eq(other, slot)) {
            Ok(found) => {
                found.remove();
                true
            }
            Err(_) => false,
        }
    }

    /// Whether nobody but the caller, who has one pointer, uses `slot`: more come only by `get`.
    pub(super) fn is_unused(&self, slot: &Arc<Slot<T>>) -> bool {
        Arc::strong_count(slot) <= UNUSED + 1
    }

    /// Removes what is due at `now` and nobody uses; whether that was all.
    pub(super) fn take_due(
        &mut self,
        now: u64,
        due_of: impl Fn(&Slot<T>) -> u64,
    ) -> (Vec<Arc<Slot<T>>>, bool) {
        let mut taken = Vec::new();
        for _ in 0..BATCH {
            let slot = match self.queue.first_key_value() {
                Some(((due, _), slot)) if *due <= now => Arc::clone(slot),
                _ => return (taken, true),
            };
            let due = due_of(&slot);
            if due > now {
                self.queue_at(&slot, due);
            } else if self.is_unused(&slot) {
                self.remove(&slot);
                taken.push(slot);
            } else {
                self.queue_at(&slot, now + 1);
            }
        }
        (taken, false)
    }

    pub(super) fn first_due(&self) -> u64 {
        self.queue.first_key_value().map_or(u64::MAX, |((due, _), _)| *due)
    }

    pub(super) fn queue_at(&mut self, slot: &Arc<Slot<T>>, due: u64) {
        let queued = self.queue.remove(&place(slot));
        slot.queued.store(due, Ordering::Relaxed);
        self.queue.extend(queued.map(|queued| (place(slot), queued)));
    }
}

fn place<T: Send + 'static>(slot: &Arc<Slot<T>>) -> (u64, usize) {
    (slot.queued.load(Ordering::Relaxed), Arc::as_ptr(slot).addr())
}
