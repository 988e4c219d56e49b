//! What the users counted.

use std::fmt;

/// Counts of one user, or of all.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) sessions: usize,
    pub(super) requests: usize,
    pub(super) failures: usize,
    pub(super) failure_sample: Option<String>,
    pub(super) replies: usize,
    pub(super) slow_reads: usize,
    pub(super) disconnects: usize,
    /// Replies that held another user's name.
    pub(super) leaked: usize,
    pub(super) leak_sample: Option<String>,
    /// Replies that were read to their end.
    pub(super) complete: usize,
    /// Those that did not follow from what the session had said.
    pub(super) misremembered: usize,
}

impl Tally {
    pub(super) fn failed(error: &(impl fmt::Display + ?Sized)) -> Self {
        Self { failures: 1, failure_sample: Some(error.to_string()), ..Self::default() }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.requests += other.requests;
        self.failures += other.failures;
        self.failure_sample = self.failure_sample.take().or(other.failure_sample);
        self.replies += other.replies;
        self.slow_reads += other.slow_reads;
        self.disconnects += other.disconnects;
        self.leaked += other.leaked;
        self.leak_sample = self.leak_sample.take().or(other.leak_sample);
        self.complete += other.complete;
        self.misremembered += other.misremembered;
    }
}
