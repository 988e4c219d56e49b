//! What makes a result worth less than it seems to be.

use super::run::Outcome;
use crate::testing::report::Report;
use crate::testing::schedule::Stuck;
use crate::testing::sinks::Sink;
use std::collections::BTreeMap;

/// What became of the requests of all seeds.
#[derive(Debug, Default)]
pub(super) struct Worth {
    /// How often requests came to what: `200 OK`.
    outcomes: BTreeMap<String, u64>,
    has_stopped: bool,
    has_plain_tasks: bool,
    /// The first seed in which some sessions came to no end, and which ones.
    stuck: Option<(u64, Stuck)>,
    panic: Option<String>,
}

impl Worth {
    pub(super) fn add(&mut self, seed: u64, outcome: &Outcome) {
        for (what, times) in &outcome.seen.outcomes {
            *self.outcomes.entry(what.clone()).or_default() += times;
        }
        self.has_stopped |= outcome.seen.has_stopped;
        self.has_plain_tasks |= outcome.has_plain_tasks;
        if self.panic.is_none() {
            self.panic.clone_from(&outcome.seen.panic);
        }
        if let (None, Some(stuck)) = (&self.stuck, &outcome.trace.stuck) {
            self.stuck = Some((seed, stuck.clone()));
        }
    }

    /// `12 x 200 OK, 3 x a panic`.
    pub(super) fn outcomes(&self) -> String {
        listed(self.outcomes.iter())
    }

    /// What a reader should know.
    pub(super) fn notes(&self, report: &Report, is_remote: bool) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some((seed, stuck)) = &self.stuck {
            let sessions: Vec<_> = stuck.sessions.iter().map(ToString::to_string).collect();
            let why = if stuck.is_restless {
                "something goes on without ever waiting, as a loop around `yield_now` does, so that \
                 the paused clock stands still; have it wait for what it needs, or add `.real_time()`"
            } else {
                "they wait for what does not come; if a socket or a thread would bring it, add \
                 `.real_time()`"
            };
            let first = match sessions.as_slice() {
                [] => "what they had started".to_owned(),
                sessions => sessions.join(", "),
            };
            let (stuck, seeds) = (report.stuck, report.seeds_run);
            notes.push(format!(
                "in {stuck} of {seeds} seeds sessions came to no end, first {first} in seed {seed}: {why}"
            ));
        }
        let has_left = |sink| report.leaks.iter().any(|leak| leak.first.sink == sink);
        if has_left(Sink::LeftTask) {
            notes.push(
                "tasks of a session are to end with what it asked for, or within a minute; a program \
                 that keeps some, as a pool of connections does, has `.allow_left_tasks(n)`"
                    .to_owned(),
            );
        }
        if has_left(Sink::LeftContext) {
            notes.push(
                "a context that outlives its request takes its user along: keep the IDs that are \
                 needed, or `detach()` it; `.allow_left_contexts(n)` lets some be"
                    .to_owned(),
            );
        }
        if let Some(panic) = &self.panic {
            notes.push(format!("a request panicked: {panic}"));
        }
        let refused = self.outcomes.iter().filter(|(what, _)| what.starts_with(['4', '5']));
        let times: u64 = refused.clone().map(|(_, times)| times).sum();
        if 2 * times > self.outcomes.values().sum() {
            notes.push(format!("more than half of the requests were refused: {}", listed(refused)));
        }
        if self.has_plain_tasks && !is_remote {
            notes.push(
                "requests started tasks by a plain `tokio::spawn`: these are stopped nowhere, so that \
                 leaks in them show hardly ever; those of `request_context::spawn` are"
                    .to_owned(),
            );
        }
        if report.answered > 0 && !self.has_stopped && !is_remote {
            notes.push(
                "no request was stopped before its answer: it does nothing of tokio's on its way \
                 there, so that requests ran one after the other"
                    .to_owned(),
            );
        }
        notes
    }
}

fn listed<'a>(outcomes: impl Iterator<Item = (&'a String, &'a u64)>) -> String {
    let each = outcomes.map(|(what, times)| format!("{times} x {what}"));
    each.collect::<Vec<_>>().join(", ")
}
