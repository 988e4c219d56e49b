//! What a check found.

use super::Finding;
use super::Level;
use super::report;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// The weightiest first, then by place.
    pub(super) findings: Vec<Finding>,
    pub(super) notes: Vec<Note>,
    pub(super) files: usize,
    pub(super) lines: u64,
    pub(super) unnamed: usize,
    pub(super) in_baseline: usize,
    pub(super) stale: Vec<String>,
    pub(super) suppressed: usize,
    pub(super) deny: Level,
    /// The texts of the files that findings point to.
    pub(super) sources: BTreeMap<PathBuf, String>,
}

/// A file that could not be read, or a module that could not be followed; the rest was.
#[derive(Clone, Debug)]
pub struct Note {
    pub(super) path: PathBuf,
    pub(super) line: u32,
    pub(super) text: String,
}

impl Note {
    /// What it is about.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}:{}: {}", self.path.display(), self.line, self.text)
    }
}

impl Checked {
    /// The findings, the weightiest first, then by place.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What could not be read or followed.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// How many files were read.
    #[must_use]
    pub fn files(&self) -> usize {
        self.files
    }

    /// How many lines these have.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// How many files of Rust no module names: these were not read.
    #[must_use]
    pub fn unnamed_files(&self) -> usize {
        self.unnamed
    }

    /// How many findings the baseline knows; they are not among [`findings`](Self::findings).
    #[must_use]
    pub fn in_baseline(&self) -> usize {
        self.in_baseline
    }

    /// The fingerprints in the baseline that fit nothing any more.
    #[must_use]
    pub fn stale_in_baseline(&self) -> &[String] {
        &self.stale
    }

    /// How many findings a comment silences.
    #[must_use]
    pub fn suppressed(&self) -> usize {
        self.suppressed
    }

    /// The highest level found among those that are denied.
    #[must_use]
    pub fn denied(&self) -> Option<Level> {
        self.findings.iter().map(Finding::level).filter(|level| *level >= self.deny).max()
    }

    /// The report for people, in the look of the compiler's.
    #[must_use]
    pub fn to_text(&self, colored: bool) -> String {
        report::human(self, colored)
    }

    /// The report as JSON, in version 1 of its form.
    #[must_use]
    pub fn to_json(&self) -> String {
        report::json(self)
    }

    /// The report as SARIF 2.1.0.
    #[must_use]
    pub fn to_sarif(&self) -> String {
        report::sarif(self)
    }

    /// The report as workflow commands of GitHub, the weightiest first, for it shows only some.
    #[must_use]
    pub fn to_github(&self) -> String {
        report::github(self)
    }
}
