//! What is told when records are lost and the accesses go on.

use super::TrailError;

/// Records are lost, and their accesses go on: what
/// [`TrailBuilder::degrade`](super::TrailBuilder::degrade) tells.
#[derive(Debug)]
pub struct Alarm {
    error: TrailError,
    lost: u64,
}

impl Alarm {
    pub(super) fn new(error: TrailError, lost: u64) -> Self {
        Self { error, lost }
    }

    /// What stood in the way.
    #[must_use]
    pub fn error(&self) -> &TrailError {
        &self.error
    }

    /// How many records are lost by it. [`Stats::lost`](super::Stats::lost) counts them all. Zero if
    /// a sync failed after their accesses went on: it is in doubt then what is lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }
}
