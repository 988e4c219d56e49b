//! What a trail has done so far.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// What a trail has done since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Records written, the trail's own about itself too.
    pub records: u64,
    /// Writes: each of one or more records.
    pub writes: u64,
    /// Syncs: how often the policy made the sink durable.
    pub syncs: u64,
    /// Records that are lost: of accesses that failed for it, or went on where that was chosen.
    pub lost: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) records: AtomicU64,
    pub(super) writes: AtomicU64,
    pub(super) syncs: AtomicU64,
    pub(super) lost: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> Stats {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            records: of(&self.records),
            writes: of(&self.writes),
            syncs: of(&self.syncs),
            lost: of(&self.lost),
        }
    }
}

pub(super) fn count(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Ordering::Relaxed);
}
