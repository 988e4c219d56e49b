//! One value of a registry: whose it is, when it was used, and who uses it.

use super::error::OwnedError;
use super::owner::Owner;
use super::owner::Whose;
use super::registry::Registry;
use super::waiting;
use crate::context::RequestContext;
use crate::context::current;
use crate::context::session_life::Heir;
use crate::context::session_life::SessionLife;
use std::mem;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::TryLockError;
use std::sync::Weak;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// Lives from the first access until it is idle or its session ends, and as long as it is in use.
pub(super) struct Slot<T: Send + 'static> {
    pub(super) hash: u64,
    owner: Owner,
    registry: Weak<Registry<T>>,
    /// The life of the session, as the last access found it, and its address to tell another by.
    life: Mutex<Option<SessionLife>>,
    life_address: AtomicUsize,
    /// In the registry's nanoseconds, and changed under the lock of its shard.
    pub(super) last_used: AtomicU64,
    /// What it is queued under; changed under the lock of its shard.
    pub(super) queued: AtomicU64,
    /// The thread that uses the value; 0 for none.
    holder: AtomicUsize,
    /// `None` until the first use is under way, and after one that panicked.
    value: Mutex<Option<T>>,
}

impl<T: Send + 'static> Slot<T> {
    pub(super) fn new(
        hash: u64,
        owner: Owner,
        registry: Weak<Registry<T>>,
        now: u64,
        queued: u64,
    ) -> Self {
        Self {
            hash,
            owner,
            registry,
            life: Mutex::default(),
            life_address: AtomicUsize::new(0),
            last_used: AtomicU64::new(now),
            queued: AtomicU64::new(queued),
            holder: AtomicUsize::new(0),
            value: Mutex::new(None),
        }
    }

    pub(super) fn whose(&self) -> Whose<'_> {
        self.owner.as_whose()
    }

    /// Whether there is no value, and nobody who is about to make one.
    pub(super) fn is_unmade(&self) -> bool {
        match self.value.try_lock() {
            Ok(value) => value.is_none(),
            Err(TryLockError::Poisoned(value)) => value.into_inner().is_none(),
            Err(TryLockError::WouldBlock) => false,
        }
    }

    /// Whether it goes with `life` already.
    pub(super) fn follows(&self, life: &SessionLife) -> bool {
        self.life_address.load(Ordering::Relaxed) == life.address()
    }

    /// Goes with `life` from now on. False if that has ended. Called under the lock of the shard.
    pub(super) fn follow(self: &Arc<Self>, life: &SessionLife) -> bool {
        let heir: Weak<Self> = Arc::downgrade(self);
        if !life.tell(heir) {
            return false;
        }
        // The one kept keeps its address from being another's.
        *lock(&self.life) = Some(life.clone());
        self.life_address.store(life.address(), Ordering::Relaxed);
        true
    }

    pub(super) fn life(&self) -> MutexGuard<'_, Option<SessionLife>> {
        lock(&self.life)
    }

    /// Calls `f` with the value, which `init` makes if there is none.
    pub(super) fn with<R>(
        self: &Arc<Self>,
        init: fn() -> T,
        f: impl FnOnce(&mut T) -> R,
    ) -> Result<R, OwnedError> {
        let mut held = Held::begin(self)?;
        let result = f(held.value.get_or_insert_with(init));
        held.has_returned = true;
        Ok(result)
    }
}

impl<T: Send + 'static> Heir for Slot<T> {
    fn session_ended(self: Arc<Self>) {
        if let Some(registry) = self.registry.upgrade() {
            registry.bury(self);
        }
    }
}

impl<T: Send + 'static> waiting::Held for Slot<T> {
    fn holder(&self) -> usize {
        self.holder.load(Ordering::Relaxed)
    }
}

impl<T: Send + 'static> Drop for Slot<T> {
    fn drop(&mut self) {
        let value = self.value.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        drop_for(&self.owner, &self.life, value);
    }
}

/// Drops `value` in a context of its owner, and keeps a panic of it from whoever happens to be here.
/// The panic hook has told of it.
fn drop_for<T>(owner: &Owner, life: &Mutex<Option<SessionLife>>, value: Option<T>) {
    if value.is_none() || !mem::needs_drop::<T>() {
        return;
    }
    let mut context = RequestContext::builder();
    if let Some(tenant) = owner.tenant_id() {
        context = context.insert(tenant.clone());
    }
    if let Some(user) = owner.user_id() {
        context = context.user(user.clone());
    }
    if let Some(session) = owner.session_id() {
        context = context.session(session.clone());
    }
    if let Some(life) = lock(life).clone() {
        context = context.insert(life);
    }
    let context = context.build();
    let _panic = panic::catch_unwind(AssertUnwindSafe(|| context.sync_scope(|| drop(value))));
}

/// The use of a value by this thread. Its fields are dropped in this order.
struct Held<'a, T: Send + 'static> {
    value: MutexGuard<'a, Option<T>>,
    has_returned: bool,
    debris: Debris<'a, T>,
}

/// What a use that panicked leaves, possibly half done: it is dropped when the lock is released.
struct Debris<'a, T: Send + 'static> {
    slot: &'a Arc<Slot<T>>,
    value: Option<Option<T>>,
}

impl<'a, T: Send + 'static> Held<'a, T> {
    fn begin(slot: &'a Arc<Slot<T>>) -> Result<Self, OwnedError> {
        let thread = waiting::this_thread();
        if slot.holder.load(Ordering::Relaxed) == thread {
            return Err(OwnedError::deadlock());
        }
        let value = match slot.value.try_lock() {
            Ok(value) => value,
            Err(TryLockError::Poisoned(value)) => value.into_inner(),
            Err(TryLockError::WouldBlock) => {
                let value = waiting::wait_for(slot, || lock(&slot.value))?;
                if current::peek(RequestContext::is_revoked) != Some(false) {
                    return Err(OwnedError::revoked());
                }
                value
            }
        };
        slot.holder.store(thread, Ordering::Relaxed);
        waiting::begin_use();
        Ok(Self { value, has_returned: false, debris: Debris { slot, value: None } })
    }
}

impl<T: Send + 'static> Drop for Held<'_, T> {
    fn drop(&mut self) {
        if !self.has_returned {
            self.debris.value = Some(self.value.take());
        }
        self.debris.slot.holder.store(0, Ordering::Relaxed);
        waiting::end_use();
    }
}

impl<T: Send + 'static> Drop for Debris<'_, T> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            drop_for(&self.slot.owner, &self.slot.life, value);
            if let Some(registry) = self.slot.registry.upgrade() {
                registry.forget_unmade(self.slot);
            }
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
