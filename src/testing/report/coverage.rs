//! `Coverage`: how much of the possible schedules was seen.

/// How many distinct pairs of switches were seen, over the seeds.
///
/// A pair is the place where one session was stopped, and the place where the one that went on
/// instead had been. A curve that still rises says that more seeds would see more.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Coverage {
    /// The number of seeds run, and the number of distinct pairs seen by then: one point whenever
    /// there were new pairs, and one for the last seed.
    pub curve: Vec<(u64, u64)>,
    /// How many of the last tenth of the seeds, at least one, saw a new pair.
    pub late_seeds_with_new_pairs: u64,
}

impl Coverage {
    /// All distinct pairs of switches that were seen.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        self.curve.last().map_or(0, |(_, pairs)| *pairs)
    }

    /// Whether new pairs were still appearing when the seeds ended.
    #[must_use]
    pub fn still_rises(&self) -> bool {
        self.late_seeds_with_new_pairs > 0
    }
}
