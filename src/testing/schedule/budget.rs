//! Tokio's cooperative budget, burnt down so that a tokio operation of the user's code stops there.

use std::task::Context;
use std::task::Poll;
use tokio::task::coop;

/// No more than this is tried: a budget that is still there then is none.
const MOST: u32 = 1 << 16;

/// What a task may do in one poll before tokio stops it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Budget {
    /// How many operations; none if tokio does not count them, so that nothing can be burnt.
    units: Option<u32>,
}

impl Budget {
    /// Finds the size, which is no part of tokio's contract: to be called first in a poll of a task,
    /// of which it leaves nothing.
    pub(crate) fn probe(cx: &mut Context<'_>) -> Self {
        let units = drain(cx, MOST);
        Self { units: (units < MOST).then_some(units) }
    }

    /// One of which nothing is burnt.
    pub(crate) const fn whole() -> Self {
        Self { units: None }
    }

    pub(crate) fn units(self) -> Option<u32> {
        self.units
    }

    /// Leaves `leave` operations of a budget that is still whole. The one after them stops.
    pub(crate) fn burn_to(self, leave: u32, cx: &mut Context<'_>) {
        if let Some(units) = self.units {
            drain(cx, units.saturating_sub(leave));
        }
    }

    /// How many operations are left; takes them all.
    pub(crate) fn left(self, cx: &mut Context<'_>) -> Option<u32> {
        self.units.map(|units| drain(cx, units))
    }
}

/// Takes up to `most` units, and says how many there were.
fn drain(cx: &mut Context<'_>, most: u32) -> u32 {
    let mut taken = 0;
    while taken < most && coop::has_budget_remaining() {
        match coop::poll_proceed(cx) {
            Poll::Ready(unit) => unit.made_progress(),
            Poll::Pending => break,
        }
        taken += 1;
    }
    taken
}
