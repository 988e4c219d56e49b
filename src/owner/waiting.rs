//! Which thread waits for which value, so that none waits for itself.
//!
//! A thread that uses one value may want another: two threads that do so in opposite order would
//! wait for each other for ever. So who waits while it uses something says what for; the last of a
//! circle finds it closed. Who uses nothing is in no circle, and the usual access comes not here.

use super::error::OwnedError;
use super::slot::lock;
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;
use std::sync::Mutex;

/// What one thread at a time uses.
pub(super) trait Held: Send + Sync {
    /// The thread that uses it; 0 for none. True for a thread that waits: it was noted before.
    fn holder(&self) -> usize;
}

/// The threads that use something and wait for something else.
static WAITING: Mutex<Vec<(usize, Arc<dyn Held>)>> = Mutex::new(Vec::new());

thread_local! {
    /// How many values this thread uses; its address tells living threads apart.
    static USES: Cell<usize> = const { Cell::new(0) };
}

#[inline]
pub(super) fn this_thread() -> usize {
    USES.with(|uses| ptr::from_ref(uses).addr())
}

#[inline]
pub(super) fn begin_use() {
    USES.set(USES.get() + 1);
}

#[inline]
pub(super) fn end_use() {
    USES.set(USES.get() - 1);
}

/// Waits by `wait` for what another thread uses, unless that one waits for this one.
pub(super) fn wait_for<H: Held + 'static, R>(
    held: &Arc<H>,
    wait: impl FnOnce() -> R,
) -> Result<R, OwnedError> {
    if USES.get() == 0 {
        return Ok(wait());
    }
    let thread = this_thread();
    {
        let mut waiting = lock(&WAITING);
        if is_waited_for(thread, held.holder(), &waiting) {
            return Err(OwnedError::deadlock());
        }
        let held: Arc<H> = Arc::clone(held);
        waiting.push((thread, held));
    }
    let result = wait();
    lock(&WAITING).retain(|(other, _)| *other != thread);
    Ok(result)
}

/// Whether `holder` waits for `thread`, perhaps by way of others.
fn is_waited_for(thread: usize, mut holder: usize, waiting: &[(usize, Arc<dyn Held>)]) -> bool {
    for _ in 0..=waiting.len() {
        if holder == thread {
            return true;
        }
        match waiting.iter().find(|(other, _)| *other == holder) {
            Some((_, held)) => holder = held.holder(),
            None => return false,
        }
    }
    false
}
