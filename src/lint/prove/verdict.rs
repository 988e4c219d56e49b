//! `Verdict`: what became of a finding that a test was to prove.

use super::test_file::TARGET;
use serde_json::Value;
use std::fmt;
use std::fs;
use std::path::Path;

/// What became of a finding that [`Prove`](super::Prove) was asked to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// One session was shown what another one has written.
    Proved {
        /// The seed of the schedule that shows it.
        seed: u64,
        /// What the leak test reports: whose data was seen by whom, and how it came to that.
        report: String,
        /// The line for a shell that replays it.
        replay: String,
    },
    /// No session was shown what is not its own.
    NotReproduced {
        /// How many seeds were tried.
        seeds: u64,
        /// How many schedules these came to, each counted once.
        schedules: u64,
        /// Why that says nothing, where it does not: sessions never saw their own data, for one.
        vacuous: Option<String>,
        /// What the leak test reports, with what it is worth.
        report: String,
    },
    /// No test can be written, and why.
    NotReachable {
        /// What is missing, or in the way.
        why: String,
    },
    /// The test gave no report, or could not be built, and why.
    NotRun {
        /// What became of it.
        why: String,
    },
}

impl Verdict {
    /// Whether a leak was shown.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        matches!(self, Self::Proved { .. })
    }

    /// Whether the test was not built, or not run to its end: nothing is known then.
    #[must_use]
    pub fn is_not_run(&self) -> bool {
        matches!(self, Self::NotRun { .. })
    }

    /// Which of two that tests of one finding came to is told: the greater one.
    pub(super) fn worth(&self) -> u8 {
        match self {
            Self::Proved { .. } => 3,
            Self::NotReproduced { vacuous: None, .. } => 2,
            Self::NotReproduced { vacuous: Some(_), .. } => 1,
            Self::NotReachable { .. } | Self::NotRun { .. } => 0,
        }
    }

    /// That of the reports that a test of `package` has left.
    pub(super) fn of_reports(
        folder: &Path,
        package: &str,
        test: &str,
        otherwise: impl FnOnce() -> String,
    ) -> Self {
        let read = |schedule: &str, ending: &str| {
            fs::read_to_string(folder.join(format!("{test}.{schedule}.{ending}"))).ok()
        };
        let report = |schedule: &str| -> Option<Value> {
            serde_json::from_str(&read(schedule, "json")?).ok()
        };
        let text = |schedule: &str| read(schedule, "txt").unwrap_or_default().trim_end().to_owned();
        let (mut seeds, mut schedules) = (0, 0);
        for schedule in ["directed", "seeded"] {
            let Some(report) = report(schedule) else { break };
            seeds += report["seeds"]["run"].as_u64().unwrap_or_default();
            schedules += report["schedules"].as_u64().unwrap_or_default();
            // What nobody sees proves nothing of who is shown what.
            let leaks = report["leaks"].as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(leak) = leaks.iter().find(|leak| !leak["first"]["seer"].is_null()) {
                let line = report["replay"].as_str().unwrap_or_default();
                // The test does not know in which package it is, and whoever replays it may stand in
                // any folder of the workspace.
                let there = format!("cargo test --package {package} --test {TARGET} ");
                let replay = line.replacen("cargo test ", &there, 1);
                let seed = leak["seed"].as_u64().unwrap_or_default();
                let report = text(schedule);
                let report = if line.is_empty() { report } else { report.replace(line, &replay) };
                return Self::Proved { seed, report, replay };
            }
            if schedule == "seeded" {
                let is_vacuous = report["verdict"] == "vacuous";
                let (vacuous, report) = (is_vacuous.then(|| why_vacuous(&report)), text(schedule));
                return Self::NotReproduced { seeds, schedules, vacuous, report };
            }
        }
        Self::NotRun { why: otherwise() }
    }
}

/// Why a report says nothing.
fn why_vacuous(report: &Value) -> String {
    match &report["vacuous"][0] {
        Value::Null => "no session came to its end, or no planted leak was found".to_owned(),
        first => {
            let instead = first["instead"].as_str().filter(|instead| !instead.is_empty());
            let instead =
                instead.map(|instead| format!("; there was {instead}")).unwrap_or_default();
            format!("sessions never saw their own data{instead}")
        }
    }
}

/// One line.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proved { seed, .. } => write!(f, "proved with seed {seed}"),
            Self::NotReproduced { seeds, schedules, vacuous, .. } => {
                let vacuous = vacuous.as_ref().map(|why| format!(": vacuous, since {why}"));
                let vacuous = vacuous.unwrap_or_default();
                write!(f, "not reproduced in {schedules} schedules of {seeds} seeds{vacuous}")
            }
            Self::NotReachable { why } => write!(f, "not reachable by a test: {why}"),
            Self::NotRun { why } => write!(f, "not run to its end: {why}"),
        }
    }
}
