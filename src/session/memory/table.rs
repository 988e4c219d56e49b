//! One shard: its sessions, and when each of them has to be looked at.

use super::entry::Entry;
use super::list::Item;
use crate::context::SessionId;
use crate::session::WriteId;
use bytes::Bytes;
use hashbrown::HashTable;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

pub(super) struct Table {
    /// Each by its hash, which stands beside the pointer so that growing does not follow it.
    entries: HashTable<(u64, Box<Entry>)>,
    /// For each entry one that is not later than its deadline, and perhaps some of entries that are
    /// gone.
    looks: BinaryHeap<Reverse<Look>>,
    graves: Graves,
    /// The sessions of all shards.
    count: Arc<AtomicUsize>,
}

/// When an entry has to be looked at. Ordered by the time.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    at: Instant,
    hash: u64,
    serial: u64,
}

impl Look {
    fn at(entry: &Entry) -> Reverse<Self> {
        Reverse(Self { at: entry.expires, hash: entry.hash, serial: entry.serial })
    }
}

/// The writes that made sessions which are gone again, so that a retry of one does not bring its
/// session back.
#[derive(Default)]
struct Graves {
    writes: HashSet<WriteId>,
    order: VecDeque<(Instant, WriteId)>,
}

/// How long after it a write may be retried.
const RETRIED_FOR: Duration = Duration::from_secs(60);

/// How many graves a shard has at most.
const GRAVES: usize = 256;

impl Graves {
    fn add(&mut self, entry: &Entry, now: Instant) {
        let until = entry.began + RETRIED_FOR;
        if entry.made_from.is_some() || until <= now {
            return;
        }
        let is_over = |(until, _): &(Instant, WriteId)| *until <= now;
        while self.order.len() >= GRAVES || self.order.front().is_some_and(is_over) {
            self.order.pop_front().map(|(_, write)| self.writes.remove(&write));
        }
        self.order.push_back((until, entry.made_by));
        self.writes.insert(entry.made_by);
    }
}

/// What was taken out of a shard, to be dropped when its lock is released.
#[derive(Default)]
pub(super) struct Waste {
    #[expect(clippy::vec_box, reason = "an entry is not moved while a lock is held")]
    pub(super) entries: Vec<Box<Entry>>,
    pub(super) data: Bytes,
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
        let (entries, looks) = (HashTable::new(), BinaryHeap::new());
        Self { entries, looks, graves: Graves::default(), count }
    }

    /// The session, if it is there; one that has expired is taken out.
    pub(super) fn get(
        &mut self,
        hash: u64,
        id: &SessionId,
        now: Instant,
        waste: &mut Waste,
    ) -> Option<&mut Entry> {
        let found = self.entries.find_entry(hash, |(_, entry)| entry.id == *id).ok()?;
        if found.get().1.is_expired(now) {
            let ((_, entry), _) = found.remove();
            self.count.fetch_sub(1, Ordering::AcqRel);
            self.graves.add(&entry, now);
            waste.entries.push(entry);
            return None;
        }
        Some(&mut found.into_mut().1)
    }

    pub(super) fn is_live(&self, hash: u64, serial: u64, now: Instant) -> bool {
        self.find(hash, serial).is_some_and(|entry| !entry.is_expired(now))
    }

    pub(super) fn find(&self, hash: u64, serial: u64) -> Option<&Entry> {
        self.entries.find(hash, |(_, entry)| entry.serial == serial).map(|(_, entry)| &**entry)
    }

    pub(super) fn take(&mut self, hash: u64, serial: u64, now: Instant) -> Option<Box<Entry>> {
        let entry = self.take_for_successor(hash, serial, now)?;
        self.count.fetch_sub(1, Ordering::AcqRel);
        Some(entry)
    }

    /// Takes a session out that goes on to count until [`succeed`](Self::succeed), so that no other one
    /// gets its place.
    pub(super) fn take_for_successor(
        &mut self,
        hash: u64,
        serial: u64,
        now: Instant,
    ) -> Option<Box<Entry>> {
        let found = self.entries.find_entry(hash, |(_, entry)| entry.serial == serial).ok()?;
        let ((_, entry), _) = found.remove();
        self.graves.add(&entry, now);
        if self.looks.len() > 2 * self.entries.len() + 64 {
            let entries = &self.entries;
            self.looks.retain(|Reverse(look)| {
                entries.find(look.hash, |(_, entry)| entry.serial == look.serial).is_some()
            });
        }
        Some(entry)
    }

    /// Adds a session if there are fewer than `limit` in all shards; if not, returns it.
    pub(super) fn insert_below(
        &mut self,
        limit: usize,
        entry: Box<Entry>,
    ) -> Result<(), Box<Entry>> {
        let more = |count| (count < limit).then_some(count + 1);
        match self.count.fetch_update(Ordering::AcqRel, Ordering::Acquire, more) {
            Ok(_) => self.put(entry),
            Err(_) => return Err(entry),
        }
        Ok(())
    }

    /// Adds a session in the place of one that was taken out for it, and is counted.
    pub(super) fn succeed(&mut self, entry: Box<Entry>) {
        self.put(entry);
    }

    fn put(&mut self, entry: Box<Entry>) {
        self.looks.push(Look::at(&entry));
        self.entries.insert_unique(entry.hash, (entry.hash, entry), |(hash, _)| *hash);
    }

    /// Takes out what has expired, in `most` steps at most.
    pub(super) fn expire(&mut self, now: Instant, most: usize, waste: &mut Waste) -> Expired {
        let mut removed = 0;
        for _ in 0..most {
            let Some(Reverse(look)) = self.looks.peek().filter(|look| look.0.at <= now) else {
                return Expired { removed, is_more: false };
            };
            let (hash, serial) = (look.hash, look.serial);
            self.looks.pop();
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
        Expired { removed, is_more: self.next_look().is_some_and(|at| at <= now) }
    }

    /// Whether a session that this write has made is gone again.
    pub(super) fn is_buried(&self, write: WriteId) -> bool {
        self.graves.writes.contains(&write)
    }

    pub(super) fn next_look(&self) -> Option<Instant> {
        self.looks.peek().map(|look| look.0.at)
    }
}
