//! What a check found.

use super::Finding;
use super::Level;
use super::report;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// The weightiest first, then by place.
    pub(super) findings: Vec<Finding>,
    pub(super) notes: Vec<Note>,
    pub(super) files: usize,
    pub(super) lines: u64,
    pub(super) packages: usize,
    pub(super) unnamed: usize,
    pub(super) in_baseline: usize,
    pub(super) stale: Vec<String>,
    pub(super) suppressed: usize,
    /// The texts of the files that findings point to.
    pub(super) sources: BTreeMap<PathBuf, String>,
    /// What the paths are below.
    pub(super) base: PathBuf,
    /// The current folder at the time of the check.
    pub(super) cwd: PathBuf,
}

/// A file that could not be read, a module that could not be followed, or packages that are left out;
/// the rest was read.
#[derive(Clone, Debug)]
pub struct Note {
    pub(super) path: PathBuf,
    pub(super) line: u32,
    pub(super) text: String,
    /// Whether something is wrong, and not left out on purpose.
    pub(super) is_fault: bool,
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

    /// The folder that the paths of findings and notes are below: that of the workspace, or of the package,
    /// or what all paths of the check have in common. Reports show paths below the current folder where
    /// they are.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.base
    }

    /// How many packages were read.
    #[must_use]
    pub fn packages(&self) -> usize {
        self.packages
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
        self.findings.iter().filter(|finding| finding.is_denied).map(Finding::level).max()
    }

    /// A path as an editor or a terminal at the current folder finds it.
    pub(super) fn shown(&self, path: &Path) -> PathBuf {
        let whole = self.base.join(path);
        whole.strip_prefix(&self.cwd).map(Path::to_owned).unwrap_or(whole)
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
