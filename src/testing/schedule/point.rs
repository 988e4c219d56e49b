//! Named points of the code under test.

use super::board::Board;
use crate::testing::report::StoryStep;
use std::cell::RefCell;
use std::panic;
use std::sync::Arc;
use std::thread;

/// What a panic says that the kit raises.
pub(crate) const BY_THE_KIT: &str = "by the test kit";

thread_local! {
    static BOARD: RefCell<Option<Arc<Board>>> = const { RefCell::new(None) };
}

/// Says that the session that this code works for has come to the point of this name.
///
/// For [`LeakTest::hold`](crate::testing::LeakTest::hold), from a stand-in that only tests have. The
/// name of each span that is entered and the message of each event is a point too, so that code under
/// test need not call this for that. Outside a run it does nothing.
///
/// With [`LeakTest::panic_at`](crate::testing::LeakTest::panic_at) it is also where the program may
/// panic by itself: between two writes that belong together, or while a guard is held. Only calls of
/// this function are, no span and no event.
///
/// # Panics
/// Within a run with `panic_at`, in the requests that the seed picks, and not where the thread unwinds
/// already. The hook of panics is not called.
pub fn point(name: &str) {
    if let Some(board) = board() {
        board.pass(name);
        if board.is_to_panic(name) {
            panic::resume_unwind(Box::new(BY_THE_KIT));
        }
    }
}

impl Board {
    /// Has the current request of `session` panic at its point of this number, from 1.
    pub(crate) fn arm(&self, session: usize, point: Option<u32>) {
        let mut state = self.state();
        match point {
            Some(point) => state.panics_at.insert(session, point),
            None => state.panics_at.remove(&session),
        };
    }

    fn is_to_panic(&self, name: &str) -> bool {
        // Two panics at once would end the process.
        if self.state().panics_at.is_empty() || thread::panicking() {
            return false;
        }
        let Some(session) = self.whose() else { return false };
        let mut state = self.state();
        let Some(left) = state.panics_at.get_mut(&session) else { return false };
        *left = left.saturating_sub(1);
        let is_now = *left == 0;
        if is_now {
            state.panics_at.remove(&session);
            drop(state);
            self.tell(|| StoryStep::Fault(format!("it panics at the point {name}")));
        }
        is_now
    }
}

/// The board of the run on this thread.
pub(crate) fn board() -> Option<Arc<Board>> {
    BOARD.try_with(|board| board.borrow().clone()).ok().flatten()
}

/// Has this thread be one of the run of `board`, or of none.
pub(crate) fn set_board(board: Option<Arc<Board>>) {
    let before = BOARD.try_with(|current| current.replace(board));
    drop(before);
}
