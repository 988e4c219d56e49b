//! `Story`: the smallest run that shows the leak.

use super::Sighting;

/// The smallest run that still shows the leak: a timeline of what the sessions did, and where one
/// was stopped and another one went on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Story {
    /// The seed that found it.
    pub seed: u64,
    /// The sessions that are needed, by their numbers in the whole run.
    pub sessions: Vec<usize>,
    /// How many requests are needed, of all these sessions together.
    pub requests: usize,
    /// How many forced switches are needed: stops at an operation that was ready to go on.
    pub forced_switches: usize,
    /// The same three numbers before shrinking: sessions, requests, forced switches.
    pub shrunk_from: (usize, usize, usize),
    /// How many runs the shrinking took.
    pub runs: u64,
    /// What happened, in order.
    pub timeline: Vec<Moment>,
    /// What it ends with.
    pub sighting: Sighting,
}

/// One moment of a story.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Moment {
    /// The step of the schedule, from 0.
    pub step: usize,
    /// The session that does it; none for a task of nobody.
    pub session: Option<usize>,
    /// 0 if it is the request itself, else the number of a task that was spawned for the session.
    pub task: usize,
    /// What happens.
    pub what: StoryStep,
}

/// What happens at one moment of a story.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoryStep {
    /// The session begins to run, or goes on, after another one did.
    #[default]
    Runs,
    /// The session sends a request: its method and path, and the names of the canaries in it.
    Sends(String),
    /// The session is stopped; `forced` if the operation at which it is stopped was ready.
    Stops {
        /// Whether the schedule made it so.
        forced: bool,
        /// The number of the tokio operation in this step, from 1, at which it stopped.
        operation: Option<u32>,
        /// The spans it was in, from the outermost, joined by `>`; empty if there were none.
        spans: String,
    },
    /// The session gets its response: the status.
    Receives(String),
    /// Something is done to the session: `its connection is closed`.
    Fault(String),
    /// The session passes a named point.
    Point(String),
    /// The session starts a task.
    Starts {
        /// The number of the task, from 1; none if it is of a plain `tokio::spawn`.
        task: Option<usize>,
    },
    /// The leak.
    Sees(Sighting),
}
