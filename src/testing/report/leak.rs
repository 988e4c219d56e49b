//! `Leak`: one way in which data came to others.

use super::Sighting;

/// One way in which data came to others, or in which something was left behind: all sightings of one
/// canary name in one place.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Leak {
    /// The first sighting.
    pub first: Sighting,
    /// The seed of the first sighting.
    pub seed: u64,
    /// In how many seeds it was seen.
    pub seeds: u64,
    /// How often it was seen in all.
    pub sightings: u64,
}
