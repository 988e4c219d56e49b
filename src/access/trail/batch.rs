//! Records that are written together, and who waits for them.

use super::TrailError;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

/// What is told to all who wait for the same write, once.
pub(super) type Told = Result<(), TrailError>;

/// Who waits for the same write.
#[derive(Debug, Default)]
pub(super) struct Batch {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    told: Option<Told>,
    /// One place for each who ever waited; empty again if they no longer do.
    wakers: Vec<Option<Waker>>,
}

impl Batch {
    /// Tells all who wait, and all who come. Only the first call does.
    pub(super) fn tell(&self, told: Told) {
        let mut state = self.state();
        if state.told.is_some() {
            return;
        }
        state.told = Some(told);
        let wakers = std::mem::take(&mut state.wakers);
        // A waker is code of the runtime's: it runs without the lock.
        drop(state);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writer's side: whoever waits is told, also if the writer comes to an end before.
#[derive(Debug)]
pub(super) struct Telling(Arc<Batch>);

impl Telling {
    pub(super) fn new(batch: Arc<Batch>) -> Self {
        Self(batch)
    }

    pub(super) fn tell(&self, told: Told) {
        self.0.tell(told);
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.0.tell(Err(TrailError::closed()));
    }
}

/// One who waits.
#[derive(Debug)]
pub(super) struct Waiter {
    batch: Arc<Batch>,
    place: Option<usize>,
}

impl Waiter {
    pub(super) fn new(batch: Arc<Batch>) -> Self {
        Self { batch, place: None }
    }

    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Told> {
        let mut state = self.batch.state();
        if let Some(told) = &state.told {
            return Poll::Ready(told.clone());
        }
        let waker = Some(cx.waker().clone());
        let old = match self.place {
            Some(place) => std::mem::replace(&mut state.wakers[place], waker),
            None => {
                self.place = Some(state.wakers.len());
                state.wakers.push(waker);
                None
            }
        };
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let mut state = self.batch.state();
            let waker = state.wakers.get_mut(place).and_then(Option::take);
            drop(state);
            drop(waker);
        }
    }
}
