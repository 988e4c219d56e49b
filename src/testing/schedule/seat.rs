//! The place of a task that the code under test has started.

use super::board::Board;
use super::step::TaskName;
use super::turn::Ended;
use super::turn::Turn;
use crate::scope::schedule::PollEnd;
use crate::scope::schedule::Seat;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use tokio::runtime::Handle;

/// A place on the board.
pub(super) struct ScheduledSeat {
    pub(super) board: Arc<Board>,
    pub(super) place: usize,
    pub(super) name: TaskName,
    turn: Mutex<Option<(Turn, Tasks)>>,
}

/// How many tasks there are in all, and how many have joined the schedule.
type Tasks = (usize, usize);

impl ScheduledSeat {
    pub(super) fn new(board: Arc<Board>, place: usize, name: TaskName) -> Self {
        Self { board, place, name, turn: Mutex::new(None) }
    }

    fn turn(&self) -> std::sync::MutexGuard<'_, Option<(Turn, Tasks)>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tasks(&self) -> Tasks {
        let alive = Handle::try_current().map(|runtime| runtime.metrics().num_alive_tasks());
        (alive.unwrap_or_default(), self.board.len())
    }
}

impl Seat for ScheduledSeat {
    fn begin(&self, cx: &mut Context<'_>) -> bool {
        let mut state = self.board.state();
        let Some(task) = state.tasks.get_mut(self.place) else { return true };
        let turn = task.turn.take();
        if turn.is_none() {
            task.waker = Some(cx.waker().clone());
            task.is_ready = true;
            state.wake_root();
        }
        drop(state);
        let Some(turn) = turn else { return false };
        *self.turn() = Some((turn, self.tasks()));
        turn.begin(cx);
        Board::set_running(Some(self.name));
        true
    }

    fn end(&self, cx: &mut Context<'_>, end: PollEnd<'_>) {
        let turn = self.turn().take();
        if let Some((_, before)) = turn {
            self.board.note_plain_tasks(before, self.tasks());
        }
        Board::set_running(None);
        if let PollEnd::Panicked(message) = end {
            self.board.note_panic(self.name, message);
        }
        let is_pending = matches!(end, PollEnd::Pending);
        let ended = turn.map_or((Ended::Waits, 0), |(turn, _)| turn.end(is_pending, cx));
        let mut state = self.board.state();
        if state.awaited == Some(self.place) {
            state.awaited = None;
            state.ended = Some(ended);
        }
        state.wake_root();
    }

    fn leave(&self) {
        let mut state = self.board.state();
        if let Some(task) = state.tasks.get_mut(self.place) {
            task.is_over = true;
            task.is_ready = false;
            task.turn = None;
            drop(task.waker.take());
        }
        if state.awaited == Some(self.place) {
            state.awaited = None;
        }
        state.wake_root();
    }
}
