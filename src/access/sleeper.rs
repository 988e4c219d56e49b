//! Who waits in a session, to be woken when it ends.

use crate::context::RequestContext;
use crate::context::session_life::Heir;
use crate::context::session_life::SessionLife;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::Weak;
use std::task::Waker;

/// Who waits in a session, to be woken when it ends; not when it expires, which the clock tells.
#[derive(Debug, Default)]
pub(super) struct Sleeper {
    waker: Mutex<Option<Waker>>,
}

impl Sleeper {
    /// One in the session of this context, if that has one.
    pub(super) fn in_session_of(context: &RequestContext) -> Option<Arc<Self>> {
        let life = context.get::<SessionLife>()?;
        let sleeper = Arc::new(Self::default());
        let heir: Weak<Self> = Arc::downgrade(&sleeper);
        // If that is over already, whoever goes to sleep looks once more.
        life.tell(heir);
        Some(sleeper)
    }

    /// Wakes this one from now on. Whether the session goes on has to be looked at after that: before,
    /// the end may have come between.
    pub(super) fn sleeps(&self, waker: &Waker) {
        let waker = waker.clone();
        let before = self.waker().replace(waker);
        drop(before);
    }

    fn waker(&self) -> MutexGuard<'_, Option<Waker>> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heir for Sleeper {
    fn session_ended(self: Arc<Self>) {
        let waker = self.waker().take();
        // Code of the runtime's, so without the lock.
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
