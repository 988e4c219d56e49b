//! Between those who record and the writer.

use super::TrailError;
use super::batch::Batch;
use super::batch::Telling;
use super::batch::Waiter;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Instant;

/// The records that wait to be written.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    capacity: usize,
    /// Told once the writer is done for good.
    closed: Arc<Batch>,
}

#[derive(Debug, Default)]
struct State {
    bodies: Vec<Vec<u8>>,
    /// Who waits for `bodies`.
    batch: Arc<Batch>,
    is_closing: bool,
}

/// What there is for the writer to do.
pub(super) enum Work {
    /// Write what was taken, and tell.
    Write(Telling),
    /// It is time.
    Sync,
    /// Nothing comes any more.
    Close,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), work: Condvar::new(), capacity, closed: Arc::default() }
    }

    pub(super) fn push(&self, body: Vec<u8>) -> Result<Waiter, TrailError> {
        let mut state = self.state();
        if state.is_closing {
            return Err(TrailError::closed());
        }
        if state.bodies.len() >= self.capacity {
            return Err(TrailError::full());
        }
        state.bodies.push(body);
        let waiter = Waiter::new(Arc::clone(&state.batch));
        // The writer sleeps only where there is nothing.
        let is_first = state.bodies.len() == 1;
        drop(state);
        if is_first {
            self.work.notify_one();
        }
        Ok(waiter)
    }

    /// Waits for work; records are swapped into `bodies`, which must be empty.
    pub(super) fn take(&self, bodies: &mut Vec<Vec<u8>>, deadline: Option<Instant>) -> Work {
        let mut state = self.state();
        loop {
            // Before the records that wait, of which there may be always some.
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Work::Sync;
            }
            if !state.bodies.is_empty() {
                std::mem::swap(&mut state.bodies, bodies);
                return Work::Write(Telling::new(std::mem::take(&mut state.batch)));
            }
            if state.is_closing {
                return Work::Close;
            }
            state = match deadline {
                None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    let waited = self.work.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Takes nothing more; what waits is still written.
    pub(super) fn close(&self) {
        self.state().is_closing = true;
        self.work.notify_one();
    }

    /// Waits until the writer is done.
    pub(super) fn closed(&self) -> Waiter {
        Waiter::new(Arc::clone(&self.closed))
    }

    /// The writer is done, with this result; nobody waits in vain.
    pub(super) fn end(&self, result: Result<(), TrailError>) {
        let mut state = self.state();
        state.is_closing = true;
        let batch = std::mem::take(&mut state.batch);
        let bodies = std::mem::take(&mut state.bodies);
        drop(state);
        drop(bodies);
        batch.tell(Err(TrailError::closed()));
        self.closed.tell(result);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
