//! `Watch`: finds out that a runtime never comes to rest.
//!
//! A paused clock goes on where nothing else can. Around a task that never waits it never does, and the
//! root, which waits, is not even polled: so a thread wakes it once in a while.

use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::task::Waker;
use std::thread;
use std::time::Duration;

/// How long it sleeps between two times.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// Wakes who waits once in a while; one for all runs of a test.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    shared: OnceLock<Arc<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waits: Option<Waker>,
    is_over: bool,
}

impl Watch {
    /// Wakes `waker` every tick, until [`disarm`](Self::disarm).
    pub(super) fn arm(&self, waker: &Waker) {
        let shared = self.shared.get_or_init(|| {
            let shared = Arc::new(Shared::default());
            start(Arc::clone(&shared));
            shared
        });
        shared.state().waits = Some(waker.clone());
        shared.changed.notify_one();
    }

    pub(super) fn disarm(&self) {
        if let Some(shared) = self.shared.get() {
            let waker = shared.state().waits.take();
            drop(waker);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.get() {
            shared.state().is_over = true;
            shared.changed.notify_one();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut state = self.state();
        while !state.is_over {
            if state.waits.is_none() {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let slept = self.changed.wait_timeout(state, TICK);
            state = slept.unwrap_or_else(PoisonError::into_inner).0;
            if let Some(waker) = &state.waits {
                waker.wake_by_ref();
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the kit is no work of a request")]
fn start(shared: Arc<Shared>) {
    // Without a thread nobody is woken, and all else is as it was.
    drop(thread::Builder::new().name("leak-test-watch".to_owned()).spawn(move || shared.run()));
}
