//! When the sessions of a shard have to be looked at.

use super::entry::Entry;
use super::moment::Moment;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many looks are put in order at once: one by one each would go to another place in memory.
const AT_ONCE: usize = 64;

/// For each session one look that is not later than its deadline, and perhaps some for sessions that
/// are gone.
#[repr(C)]
pub(super) struct Looks {
    /// When the first of them is due: each operation asks.
    next: Moment,
    /// Those that came last, in no order; fewer than [`AT_ONCE`].
    recent: Vec<Look>,
    others: BinaryHeap<Reverse<Look>>,
}

/// When a session has to be looked at. Ordered by the time.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    pub(super) at: Moment,
    pub(super) hash: u64,
    pub(super) serial: u64,
}

impl Look {
    pub(super) fn at(entry: &Entry) -> Self {
        Self { at: entry.expires, hash: entry.hash, serial: entry.serial }
    }
}

impl Looks {
    pub(super) fn new() -> Self {
        Self { next: Moment::NEVER, recent: Vec::new(), others: BinaryHeap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.recent.len() + self.others.len()
    }

    /// When the first is due; never, if there is none.
    #[inline]
    pub(super) fn next(&self) -> Moment {
        self.next
    }

    #[inline]
    pub(super) fn push(&mut self, look: Look) {
        self.next = self.next.min(look.at);
        self.recent.push(look);
        if self.recent.len() == AT_ONCE {
            self.put_in_order();
        }
    }

    /// The first, if it is due.
    pub(super) fn pop(&mut self, now: Moment) -> Option<Look> {
        if now < self.next {
            return None;
        }
        self.put_in_order();
        let Reverse(first) = self.others.pop()?;
        self.look_ahead();
        Some(first)
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Look) -> bool) {
        self.put_in_order();
        self.others.retain(|Reverse(look)| keep(look));
        self.look_ahead();
    }

    fn put_in_order(&mut self) {
        self.others.extend(self.recent.drain(..).map(Reverse));
    }

    /// All are in order.
    fn look_ahead(&mut self) {
        self.next = self.others.peek().map_or(Moment::NEVER, |Reverse(look)| look.at);
    }
}
