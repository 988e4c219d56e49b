//! Who goes on, and how far: the decisions of a seed, or those of a replay.

use super::mode::Mode;
use super::rng::Rng;
use super::step::Step;
use super::step::TaskName;
use std::collections::BTreeMap;

/// Decides each step.
#[derive(Debug)]
pub(crate) enum Policy {
    Uniform(Rng),
    Pct(Pct),
    Replay(Replay),
}

impl Policy {
    /// `length` is how many steps such a run takes, about.
    pub(crate) fn of_seed(mode: Mode, seed: u64, length: usize) -> Self {
        let mut rng = Rng::of(seed, &[1]);
        match mode.of_seed(seed) {
            Mode::Pct { depth } => {
                let falls = (1..depth).map(|_| rng.below(length.max(1))).collect();
                Self::Pct(Pct { rng, priorities: BTreeMap::new(), falls, lowest: 0 })
            }
            Mode::Uniform | Mode::Mixed => Self::Uniform(rng),
        }
    }

    pub(crate) fn replay(steps: Vec<Step>) -> Self {
        Self::Replay(Replay { steps, next: 0, last: None })
    }

    /// The next step, one of the tasks of `ready`, which is sorted and not empty.
    pub(crate) fn next(&mut self, at: usize, ready: &[TaskName]) -> Step {
        match self {
            Self::Uniform(rng) => {
                let task = ready[rng.below(ready.len())];
                let bits = rng.next_u64();
                // Five of eight steps; the nearer an operation, the likelier.
                let leave = (bits & 7 < 5).then(|| (bits >> 3).trailing_zeros().min(3));
                Step { task, leave }
            }
            Self::Pct(pct) => pct.next(at, ready),
            Self::Replay(replay) => replay.next(ready),
        }
    }
}

/// Priorities, and the steps at which the running task loses its own.
#[derive(Debug)]
pub(crate) struct Pct {
    rng: Rng,
    priorities: BTreeMap<TaskName, i64>,
    falls: Vec<usize>,
    lowest: i64,
}

impl Pct {
    fn next(&mut self, at: usize, ready: &[TaskName]) -> Step {
        for task in ready {
            let rng = &mut self.rng;
            self.priorities.entry(*task).or_insert_with(|| (rng.next_u64() >> 1) as i64);
        }
        let priority = |task: &TaskName| self.priorities.get(task).copied();
        let task = ready.iter().copied().max_by_key(priority).unwrap_or(ready[0]);
        if self.falls.contains(&at) {
            self.lowest -= 1;
            self.priorities.insert(task, self.lowest);
        }
        // Each operation is a step, so that a fall can come before any of them: also before the first
        // one, at which a task that is always left one would never be stopped.
        let leave = (self.rng.next_u64() & 1) as u32;
        Step { task, leave: Some(leave) }
    }
}

/// Recorded decisions. What cannot be followed is left out; after the last one, and where a task is
/// not named, whoever ran goes on until it waits, then the first that can.
#[derive(Debug)]
pub(crate) struct Replay {
    steps: Vec<Step>,
    next: usize,
    last: Option<TaskName>,
}

impl Replay {
    fn next(&mut self, ready: &[TaskName]) -> Step {
        while let Some(step) = self.steps.get(self.next) {
            self.next += 1;
            if ready.contains(&step.task) {
                self.last = Some(step.task);
                return *step;
            }
        }
        let task = self.last.filter(|last| ready.contains(last)).unwrap_or(ready[0]);
        self.last = Some(task);
        Step { task, leave: None }
    }
}
