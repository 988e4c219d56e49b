//! Named points of the code under test.

use super::board::Board;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static BOARD: RefCell<Option<Arc<Board>>> = const { RefCell::new(None) };
}

/// Says that the session that this code works for has come to the point of this name.
///
/// For [`LeakTest::hold`](crate::testing::LeakTest::hold), from a stand-in that only tests have. The
/// name of each span that is entered and the message of each event is a point too, so that code under
/// test need not call this. Outside a run it does nothing.
pub fn point(name: &str) {
    if let Some(board) = board() {
        board.pass(name);
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
