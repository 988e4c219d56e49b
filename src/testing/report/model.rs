//! `Report`: what a run found, and what its pass is worth.

use super::Coverage;
use super::Leak;
use super::Matrix;
use super::Planted;
use super::Story;
use super::Vacuous;
use std::ops::Range;

/// What a run found, and what its pass is worth.
///
/// It is a pass if [`is_isolated`](Self::is_isolated): nobody saw anybody, nobody left anything behind,
/// everybody saw themselves wherever that was expected, and what was planted was found.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
#[must_use = "the report says whether the sessions are isolated"]
pub struct Report {
    /// The name of the test.
    pub name: String,
    /// The seeds that were run.
    pub seeds: Range<u64>,
    /// How many of them were run; fewer if a leak ended the search.
    pub seeds_run: u64,
    /// The sessions at once.
    pub sessions: usize,
    /// The requests of each session.
    pub requests: usize,
    /// How many requests were answered in all.
    pub answered: u64,
    /// In how many seeds some session came to no end.
    pub stuck: u64,
    /// In how many of those it was because something went on without ever waiting, so that the paused
    /// clock stood still. The search ends with the first one, and is worth nothing.
    pub restless: u64,
    /// How many different schedules there were: distinct traces.
    pub schedules: u64,
    /// One number for all that was scheduled: the same for the same runs, also in another process.
    pub trace: u64,
    /// How switches are chosen and forced: `uniform, tokio's budget of 128 operations`.
    pub schedule: String,
    /// Whether the same seed gives the same run: not over sockets, nor on many threads.
    pub is_replayable: bool,
    /// Who saw whom.
    pub matrix: Matrix,
    /// Each way in which data came to others.
    pub leaks: Vec<Leak>,
    /// The smallest run that shows the first leak.
    pub story: Option<Story>,
    /// The line for a shell that replays the story, or the seed where there is no story.
    pub replay: Option<String>,
    /// The decisions of the story, for a replay file: what `LEAK_REPLAY` takes.
    pub decisions: Option<String>,
    /// The sinks that say nothing.
    pub vacuous: Vec<Vacuous>,
    /// What was planted, and found.
    pub planted: Vec<Planted>,
    /// How much of the possible schedules was seen.
    pub coverage: Coverage,
    /// What the reader should know besides: a run that the seed does not govern, with the first step
    /// that diverged; a budget that cannot be controlled.
    pub notes: Vec<String>,
    /// The wall time of all runs, in seconds.
    pub seconds: f64,
}

impl Report {
    /// Whether this is a pass that is worth something.
    #[must_use]
    pub fn is_isolated(&self) -> bool {
        self.leaks.is_empty() && !self.is_vacuous()
    }

    /// Whether the run could not have found a leak: an expected sink says nothing, nothing of what was
    /// planted was found, in no seed all sessions came to their end, or one was given up because
    /// something went on without ever waiting.
    #[must_use]
    pub fn is_vacuous(&self) -> bool {
        let missed = |planted: &Planted| planted.found == 0;
        let has_missed_all = !self.planted.is_empty() && self.planted.iter().all(missed);
        let has_hung = self.stuck == self.seeds_run || self.restless > 0;
        has_hung || !self.vacuous.is_empty() || has_missed_all
    }
}

impl Report {
    /// Asserts that the sessions are isolated. What a pass was worth is printed, for whoever runs the
    /// test with `--nocapture`.
    ///
    /// # Panics
    /// With the report as text, if they are not, or if the test was worth nothing.
    #[track_caller]
    #[expect(clippy::print_stdout, reason = "the test harness keeps it unless it is asked for")]
    pub fn assert_isolated(&self) {
        assert!(self.is_isolated(), "{self}");
        print!("{self}");
    }

    /// Whether nobody saw anybody else's data, and all that was found is what sessions left behind.
    pub(crate) fn is_only_left_over(&self) -> bool {
        let is_left = |leak: &Leak| leak.first.is_left_over();
        !self.leaks.is_empty() && self.leaks.iter().all(is_left)
    }
}
