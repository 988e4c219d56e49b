//! `Vacuous`: a sink in which a session did not even see itself.

use crate::testing::Sink;

/// An expected sink in which some session never saw its own canary, so that it says nothing that it
/// saw no other one there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Vacuous {
    /// The sink.
    pub sink: Sink,
    /// The sessions that saw nothing of their own there.
    pub sessions: Vec<usize>,
    /// What was there instead, to go on from: `12 x 401 Unauthorized`.
    pub instead: String,
}
