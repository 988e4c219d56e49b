//! `Matrix`: who saw whom.

/// Who saw whose canaries, and how often, over all seeds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Matrix {
    sessions: usize,
    seen: Vec<u64>,
}

impl Matrix {
    /// Nobody has seen anything yet.
    #[must_use]
    pub fn new(sessions: usize) -> Self {
        Self { sessions, seen: vec![0; sessions * sessions] }
    }

    /// The number of its rows, and of its columns.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.sessions
    }

    /// How often a sink of `seer` held a canary of `owner`; 0 for a session that is not there.
    #[must_use]
    pub fn seen(&self, seer: usize, owner: usize) -> u64 {
        self.place(seer, owner).and_then(|place| self.seen.get(place)).copied().unwrap_or(0)
    }

    /// Counts one sighting more.
    pub fn add(&mut self, seer: usize, owner: usize) {
        self.add_times(seer, owner, 1);
    }

    /// Counts several sightings more.
    pub(crate) fn add_times(&mut self, seer: usize, owner: usize, times: u64) {
        let place = self.place(seer, owner);
        if let Some(count) = place.and_then(|place| self.seen.get_mut(place)) {
            *count = count.saturating_add(times);
        }
    }

    /// Whether no session saw another one.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let others = |place: usize| place / self.sessions != place % self.sessions;
        self.seen.iter().enumerate().all(|(place, count)| *count == 0 || !others(place))
    }

    fn place(&self, seer: usize, owner: usize) -> Option<usize> {
        (seer < self.sessions && owner < self.sessions).then(|| seer * self.sessions + owner)
    }
}
