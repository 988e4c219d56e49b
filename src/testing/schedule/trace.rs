//! `Trace`: what a run did, step by step.

use super::step::Step;

/// A run that does not come to its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Stuck {
    /// The sessions that wait for something that does not come.
    pub(crate) sessions: Vec<usize>,
    /// Whether something goes on without ever waiting, so that no clock would end the run.
    pub(crate) is_restless: bool,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) steps: Vec<Step>,
    /// What each step came to, as one number: two runs differ where these do.
    pub(crate) marks: Vec<u64>,
    /// The pairs of places of all switches.
    pub(crate) pairs: Vec<u64>,
    pub(crate) forced: usize,
    pub(crate) stuck: Option<Stuck>,
}

impl Trace {
    /// The same number for the same run.
    pub(crate) fn hash(&self) -> u64 {
        self.marks.iter().fold(0, |hash, mark| mixed(hash, *mark))
    }
}

/// Two numbers as one, in their order.
pub(crate) fn mixed(a: u64, b: u64) -> u64 {
    let mixed = (a ^ b.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29) ^ b
}
