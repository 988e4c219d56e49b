//! The values of many owners: found by the owner, bounded, and dropped when they are due.

use super::error::OwnedError;
use super::owner::Whose;
use super::shard::Found;
use super::shard::Shard;
use super::slot::Slot;
use super::slot::lock;
use crate::context::RequestContext;
use crate::context::current;
use crate::context::session_life::SessionLife;
use hashbrown::DefaultHashBuilder;
use std::array;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// The most values that are removed, or looked at for it, while a lock is held.
pub(super) const BATCH: usize = 256;

const SHARDS: usize = 64;

/// Takes from a context whose value is meant.
pub(super) type Narrow = fn(&RequestContext) -> Result<Whose<'_>, OwnedError>;

pub(super) struct Registry<T: Send + 'static> {
    shards: [Mutex<Shard<T>>; SHARDS],
    /// Keyed, as the next one is. Nobody chooses what a session's ID is, a hash of a token, so this
    /// is the cheaper of the two.
    by_session: DefaultHashBuilder,
    by_user: RandomState,
    /// What times are counted from, in nanoseconds.
    start: Instant,
    idle: u64,
    max: usize,
    len: AtomicUsize,
    /// Nothing is due before: one read tells an access that there is nothing to drop. Lowered after
    /// whatever is due is where [`drop_due`](Self::drop_due) looks, raised only before it looks.
    next_due: AtomicU64,
    /// Those of sessions that have ended.
    buried: Mutex<Vec<Arc<Slot<T>>>>,
}

impl<T: Send + 'static> Registry<T> {
    pub(super) fn new(idle: Duration, max: usize) -> Self {
        Self {
            shards: array::from_fn(|_| Mutex::default()),
            by_session: DefaultHashBuilder::default(),
            by_user: RandomState::new(),
            start: Instant::now(),
            idle: nanoseconds(idle),
            max,
            len: AtomicUsize::new(0),
            next_due: AtomicU64::new(u64::MAX),
            buried: Mutex::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// The slot of whom the current context is for; made if there is none.
    pub(super) fn find(self: &Arc<Self>, narrow: Narrow) -> Result<Arc<Slot<T>>, OwnedError> {
        let now = Instant::now();
        let time = self.time(now);
        if time >= self.next_due.load(Ordering::Acquire) {
            self.drop_due(time);
        }
        loop {
            let found = current::peek(|context| {
                let life = context.get::<SessionLife>();
                if life.is_some_and(|life| life.is_over_at(now)) {
                    return Err(OwnedError::revoked());
                }
                let whose = narrow(context)?;
                self.look_up(whose, life.filter(|_| whose.session.is_some()), time)
            });
            match found.unwrap_or_else(|| Err(OwnedError::outside()))? {
                Found::Slot(slot) => return Ok(slot),
                // Dropped here, in no lock, before another one is made.
                Found::Idle(slot) => drop(slot),
            }
        }
    }

    fn look_up(
        self: &Arc<Self>,
        whose: Whose<'_>,
        life: Option<&SessionLife>,
        now: u64,
    ) -> Result<Found<T>, OwnedError> {
        let hash = self.hash(whose);
        let mut shard = lock(self.shard(hash));
        if let Some(slot) = shard.get(hash, whose) {
            if shard.is_unused(&slot) && self.idle_from(&slot) <= now {
                shard.remove(&slot);
                self.len.fetch_sub(1, Ordering::Relaxed);
                return Ok(Found::Idle(slot));
            }
            slot.last_used.store(now, Ordering::Relaxed);
            if let Some(life) = life.filter(|life| !slot.follows(life)) {
                if !slot.follow(life) {
                    return Err(OwnedError::revoked());
                }
                // It may expire before what was known when it was queued.
                let due = self.due(now, Some(life));
                shard.queue_at(&slot, due);
                self.next_due.fetch_min(due, Ordering::AcqRel);
            }
            return Ok(Found::Slot(slot));
        }
        let room = |len| (len < self.max).then_some(len + 1);
        if self.len.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_err() {
            return Err(OwnedError::full());
        }
        let due = self.due(now, life);
        let slot = Arc::new(Slot::new(hash, whose.to_owner(), Arc::downgrade(self), now, due));
        if life.is_some_and(|life| !slot.follow(life)) {
            self.len.fetch_sub(1, Ordering::Relaxed);
            return Err(OwnedError::revoked());
        }
        shard.insert(&slot);
        self.next_due.fetch_min(due, Ordering::AcqRel);
        Ok(Found::Slot(slot))
    }

    /// The session of `slot` has ended: it is dropped at the next access to any.
    pub(super) fn bury(&self, slot: Arc<Slot<T>>) {
        lock(&self.buried).push(slot);
        self.next_due.fetch_min(0, Ordering::AcqRel);
    }

    /// Drops all that is due; how many that were.
    pub(super) fn prune(&self) -> usize {
        self.drop_due(self.time(Instant::now()))
    }

    #[cold]
    fn drop_due(&self, now: u64) -> usize {
        self.next_due.store(u64::MAX, Ordering::Release);
        let mut dropped = 0;
        loop {
            let batch = take_last(&mut lock(&self.buried), BATCH);
            if batch.is_empty() {
                break;
            }
            for slot in &batch {
                dropped += self.forget(slot);
            }
        }
        for shard in &self.shards {
            loop {
                let (batch, is_all) = {
                    let mut shard = lock(shard);
                    let taken = shard.take_due(now, |slot| self.due_of(slot));
                    self.next_due.fetch_min(shard.first_due(), Ordering::AcqRel);
                    taken
                };
                self.len.fetch_sub(batch.len(), Ordering::Relaxed);
                dropped += batch.len();
                if is_all {
                    break;
                }
            }
        }
        dropped
    }

    /// Removes `slot`, if it is still there; how many that were.
    fn forget(&self, slot: &Arc<Slot<T>>) -> usize {
        let removed = usize::from(lock(self.shard(slot.hash)).remove(slot));
        self.len.fetch_sub(removed, Ordering::Relaxed);
        removed
    }

    /// Removes `slot`, whose value is gone by a panic, if nobody but the caller uses it, nor has and
    /// made another.
    pub(super) fn forget_unmade(&self, slot: &Arc<Slot<T>>) {
        let mut shard = lock(self.shard(slot.hash));
        if shard.is_unused(slot) && slot.is_unmade() && shard.remove(slot) {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn due_of(&self, slot: &Slot<T>) -> u64 {
        self.due(slot.last_used.load(Ordering::Relaxed), slot.life().as_ref())
    }

    fn idle_from(&self, slot: &Slot<T>) -> u64 {
        slot.last_used.load(Ordering::Relaxed).saturating_add(self.idle)
    }

    fn due(&self, last_used: u64, life: Option<&SessionLife>) -> u64 {
        let expires = life.map_or(u64::MAX, |life| self.time(life.expires()));
        last_used.saturating_add(self.idle).min(expires)
    }

    fn time(&self, instant: Instant) -> u64 {
        nanoseconds(instant.saturating_duration_since(self.start))
    }

    fn hash(&self, whose: Whose<'_>) -> u64 {
        match whose.session {
            // As good as unique: tenant and user are compared, and not worth their hashing.
            Some(session) => self.by_session.hash_one(session),
            None => self.by_user.hash_one((whose.tenant, whose.user)),
        }
    }

    fn shard(&self, hash: u64) -> &Mutex<Shard<T>> {
        // Bits that the table within makes no use of: it takes the lowest and the highest.
        &self.shards[(hash >> 40) as usize % SHARDS]
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    let whole = duration.as_secs().saturating_mul(1_000_000_000);
    whole.saturating_add(duration.subsec_nanos().into())
}

fn take_last<V>(values: &mut Vec<V>, at_most: usize) -> Vec<V> {
    match values.len().checked_sub(at_most) {
        None | Some(0) => mem::take(values),
        Some(rest) => values.split_off(rest),
    }
}
