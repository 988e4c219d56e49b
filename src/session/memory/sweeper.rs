//! Frees what has expired, at the very time.

use super::moment::Clock;
use super::moment::Moment;
use super::store::Inner;
use super::store::MemoryStore;
use std::fmt;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Weak;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio::time::sleep_until;

/// Wakes a sweeper: for a session that expires before it would look again, and at the store's end.
pub(super) struct Wake {
    notify: Notify,
    /// Until when the sweeper sleeps, as the bits of a [`Moment`]; 0 if there is no sweeper.
    sleeps_until: AtomicU64,
}

impl Wake {
    pub(super) fn new() -> Self {
        Self { notify: Notify::new(), sleeps_until: AtomicU64::new(0) }
    }

    /// A session begins that expires then. Its shard is locked: the sweeper looks into it either
    /// after that, or has said before how long it sleeps at most.
    pub(super) fn due_at(&self, expires: Moment) {
        let sleeps_until = self.sleeps_until.load(Ordering::Acquire);
        if sleeps_until != 0 && expires.to_bits() < sleeps_until {
            self.notify.notify_one();
        }
    }

    fn sleeps_until(&self, at: Moment) {
        self.sleeps_until.store(at.to_bits().max(1), Ordering::Release);
    }
}

impl MemoryStore {
    /// What frees the memory of sessions at the time when they expire: spawn it, once. It does not
    /// keep the store, and is done when the store is dropped.
    ///
    /// Without one, what has expired is not there either, but its memory is freed by later
    /// operations.
    pub fn sweeper(&self) -> Sweeper {
        let inner = &self.inner;
        let sweep = sweep(Arc::downgrade(inner), inner.clock, Arc::clone(&inner.wake));
        Sweeper { sweep: Box::pin(sweep) }
    }
}

/// The future of [`MemoryStore::sweeper`].
#[must_use = "a sweeper frees nothing unless it is spawned"]
pub struct Sweeper {
    sweep: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Future for Sweeper {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.sweep.as_mut().poll(cx)
    }
}

impl fmt::Debug for Sweeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweeper").finish_non_exhaustive()
    }
}

async fn sweep(store: Weak<Inner>, clock: Clock, wake: Arc<Wake>) {
    loop {
        // From here on every session that begins wakes it, until the shards have been asked.
        wake.sleeps_until(Moment::NEVER);
        let mut shard = 0;
        let mut next = Moment::NEVER;
        loop {
            let Some(store) = store.upgrade() else { return };
            if shard == store.shards() {
                break;
            }
            let expired = store.expire(shard);
            if !expired.is_more {
                next = next.min(store.lock(shard).next_look());
                shard += 1;
            }
            drop(store);
            if expired.removed > 0 || expired.is_more {
                tokio::task::yield_now().await;
            }
        }
        wake.sleeps_until(next);
        match clock.instant(next) {
            Some(at) => until_or(at, &wake.notify).await,
            None => wake.notify.notified().await,
        }
    }
}

async fn until_or(at: Instant, notify: &Notify) {
    let mut sleep = pin!(sleep_until(at));
    let mut notified = pin!(notify.notified());
    std::future::poll_fn(|cx| {
        if notified.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(())
    })
    .await;
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.wake.notify.notify_one();
    }
}
