//! `Turn`: one poll of a task, as the schedule grants it.

use super::Budget;
use std::task::Context;

/// Leave to be polled once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    pub(crate) leave: Option<u32>,
    pub(crate) budget: Budget,
}

impl Turn {
    /// To be called first in a poll.
    pub(super) fn begin(self, cx: &mut Context<'_>) {
        if let Some(leave) = self.leave {
            self.budget.burn_to(leave, cx);
        }
    }

    /// To be called last in the poll: how the turn ended, and how many operations it made.
    pub(super) fn end(self, is_pending: bool, cx: &mut Context<'_>) -> (Ended, u32) {
        let left = self.budget.left(cx).unwrap_or(1);
        let had = self.leave.or(self.budget.units()).unwrap_or(0);
        let ended = match (is_pending, left) {
            (false, _) => Ended::Over,
            (true, 0) => Ended::Forced,
            (true, _) => Ended::Waits,
        };
        (ended, had.saturating_sub(left))
    }
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    Over,
    /// At an operation that was not ready.
    Waits,
    /// At an operation that the schedule chose.
    Forced,
}
