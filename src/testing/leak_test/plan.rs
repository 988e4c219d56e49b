//! `Plan`: what one run does, as a seed or a replay says.

use super::fault::Fault;
use crate::testing::schedule::Step;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write;
use std::str::FromStr;

/// What one run does.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// The sessions that take part.
    pub(super) sessions: Vec<usize>,
    /// The requests that are left out, each by its session and number.
    pub(super) skipped: BTreeSet<(usize, usize)>,
    /// What is done to requests; none if the seed says.
    pub(super) faults: Option<BTreeMap<(usize, usize), Fault>>,
    /// The decisions; none if the seed makes them.
    pub(super) steps: Option<Vec<Step>>,
}

const VERSION: &str = "1";

impl Plan {
    pub(super) fn of_seed(seed: u64, sessions: usize) -> Self {
        Self { seed, sessions: (0..sessions).collect(), ..Self::default() }
    }
}

/// One line, without quotes: `1 seed=17 sessions=0,3 skip=0/1 faults=3/0:cancel@2 steps=0,0:1*2,3`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sessions: Vec<_> = self.sessions.iter().map(ToString::to_string).collect();
        write!(f, "{VERSION} seed={} sessions={}", self.seed, sessions.join(","))?;
        if !self.skipped.is_empty() {
            let skipped =
                self.skipped.iter().map(|(session, request)| format!("{session}/{request}"));
            write!(f, " skip={}", skipped.collect::<Vec<_>>().join(","))?;
        }
        if let Some(faults) = &self.faults {
            let each = faults.iter();
            let each =
                each.map(|((session, request), fault)| format!("{session}/{request}:{fault}"));
            write!(f, " faults={}", each.collect::<Vec<_>>().join(","))?;
        }
        if let Some(steps) = &self.steps {
            write!(f, " steps={}", packed(steps))?;
        }
        Ok(())
    }
}

/// The steps, with equal ones in succession counted.
fn packed(steps: &[Step]) -> String {
    let mut text = String::new();
    for same in steps.chunk_by(|a, b| a == b) {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{}", same[0]);
        if same.len() > 1 {
            let _ = write!(text, "*{}", same.len());
        }
    }
    text
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        if words.next() != Some(VERSION) {
            return Err(format!("a replay begins with `{VERSION}`: {text:?}"));
        }
        let mut plan = Self::default();
        for word in words {
            let wrong = || format!("no replay has {word:?}");
            let (key, value) = word.split_once('=').ok_or_else(wrong)?;
            let items = value.split(',').filter(|item| !item.is_empty());
            match key {
                "seed" => plan.seed = value.parse().map_err(|_| wrong())?,
                "sessions" => {
                    plan.sessions = items
                        .map(|item| item.parse().map_err(|_| wrong()))
                        .collect::<Result<_, _>>()?;
                }
                "skip" => {
                    plan.skipped = items
                        .map(|item| request(item).ok_or_else(wrong))
                        .collect::<Result<_, _>>()?;
                }
                "faults" => {
                    let fault = |item: &str| {
                        let (at, fault) = item.split_once(':')?;
                        Some((request(at)?, fault.parse().ok()?))
                    };
                    let faults = items.map(|item| fault(item).ok_or_else(wrong));
                    plan.faults = Some(faults.collect::<Result<_, _>>()?);
                }
                "steps" => {
                    let mut steps = Vec::new();
                    for item in items {
                        let (step, count) = item.split_once('*').unwrap_or((item, "1"));
                        let step: Step = step.parse().map_err(|()| wrong())?;
                        let count: usize = count.parse().map_err(|_| wrong())?;
                        steps.extend(std::iter::repeat_n(step, count.min(1_000_000)));
                    }
                    plan.steps = Some(steps);
                }
                _ => return Err(wrong()),
            }
        }
        Ok(plan)
    }
}

fn request(text: &str) -> Option<(usize, usize)> {
    let (session, request) = text.split_once('/')?;
    Some((session.parse().ok()?, request.parse().ok()?))
}
