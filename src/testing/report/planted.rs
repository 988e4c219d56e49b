//! `Planted`: a leak that the kit made itself, to see whether it would find it.

/// A leak that the kit put around the program under test, to see whether it would be found there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Planted {
    /// What was planted.
    pub name: String,
    /// In how many seeds it was planted.
    pub seeds: u64,
    /// In how many of them it was found.
    pub found: u64,
}
