//! The findings that a project has accepted for now, by fingerprints without line numbers.

use super::CheckError;
use super::Finding;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

const HEADER: &str =
    "# Findings of `cargo request-context check` that are known; one fingerprint a line.\n";

/// A baseline, and what a run has to say of its entries.
#[derive(Debug)]
pub(super) struct Baseline {
    path: PathBuf,
    known: BTreeSet<String>,
    /// Of all findings, asked for or not.
    all: BTreeSet<String>,
    asked: BTreeSet<String>,
    /// The entries that the run cannot judge.
    unjudged: BTreeSet<String>,
}

impl Baseline {
    /// Reads a baseline; where there is no file, it is empty.
    pub(super) fn read(
        path: PathBuf,
        all: BTreeSet<String>,
        asked: BTreeSet<String>,
        is_judged: impl Fn(&str) -> bool,
    ) -> Result<Self, CheckError> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(CheckError::baseline(path, Some(error))),
        };
        let lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let known: BTreeSet<_> = lines.map(str::to_owned).collect();
        let unjudged = known.iter().filter(|entry| !is_judged(entry)).cloned().collect();
        Ok(Self { path, known, all, asked, unjudged })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn knows(&self, fingerprint: &str) -> bool {
        self.known.contains(fingerprint)
    }

    /// Whether a finding is one of those that it is about.
    pub(super) fn holds(&self, fingerprint: &str) -> bool {
        self.asked.contains(fingerprint)
    }

    /// The entries that fit nothing.
    pub(super) fn stale(&self) -> impl Iterator<Item = String> {
        let gone = self.known.difference(&self.all);
        gone.filter(|entry| !self.unjudged.contains(*entry)).cloned()
    }

    /// Whether there are findings that it does not hold.
    pub(super) fn is_outgrown(&self) -> bool {
        !self.asked.is_subset(&self.known)
    }

    /// Writes what was found, and keeps what was not asked for. Returns how many findings it holds now.
    pub(super) fn write(&self, only_shrink: bool) -> Result<usize, CheckError> {
        let kept = |entry: &&String| {
            self.unjudged.contains(*entry)
                || self.all.contains(*entry) && !self.asked.contains(*entry)
        };
        let kept = self.known.iter().filter(kept);
        let found = self.asked.iter().filter(|entry| !only_shrink || self.known.contains(*entry));
        let found: Vec<_> = found.collect();
        let lines: BTreeSet<_> = found.iter().copied().chain(kept).collect();
        let mut text = HEADER.to_owned();
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        fs::write(&self.path, text)
            .map_err(|error| CheckError::baseline(self.path.clone(), Some(error)))?;
        Ok(found.len())
    }
}

/// Numbers those that would have the same fingerprint.
pub(super) fn number(findings: &mut [Finding]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.fingerprint = format!("{} #{count}", finding.fingerprint);
        }
    }
}
