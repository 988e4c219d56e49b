//! Holding one session until another one has come to a point.

use super::board::Board;
use std::sync::Arc;

/// One session waits until another one has passed a point.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) held: usize,
    pub(crate) until: usize,
    pub(crate) point: String,
}

impl Hold {
    /// Whether it still holds `session`.
    pub(super) fn holds(&self, session: Option<usize>, board: &Arc<Board>) -> bool {
        session == Some(self.held) && !board.has_passed(self.until, &self.point)
    }
}
