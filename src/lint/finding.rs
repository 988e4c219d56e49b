//! One finding, with all that a report shows of it.

use super::Level;
use super::Rule;
use super::Verdict;
use super::prove::Way;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

/// Something that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    pub(super) rule: &'static Rule,
    pub(super) message: String,
    /// The primary place, then the others.
    pub(super) marks: Vec<Mark>,
    pub(super) story: String,
    pub(super) mend: String,
    pub(super) proof: String,
    pub(super) fingerprint: String,
    /// Whether it is of a level that is denied where it stands.
    pub(super) is_denied: bool,
    /// How a test reaches it, or why none does, if that was asked for.
    pub(super) way: Option<Result<Way, String>>,
    pub(super) verdict: Option<Verdict>,
}

/// A place in a file, and what it has to do with a finding.
#[derive(Clone, Debug)]
pub struct Mark {
    pub(super) path: PathBuf,
    pub(super) bytes: Range<usize>,
    pub(super) start: (u32, u32),
    pub(super) end: (u32, u32),
    pub(super) text: String,
}

impl Finding {
    /// The rule that found it.
    #[must_use]
    pub fn rule(&self) -> &'static Rule {
        self.rule
    }

    /// How much it weighs: as much as its rule, or as an error if a leak test has proved it.
    #[must_use]
    pub fn level(&self) -> Level {
        match &self.verdict {
            Some(verdict) if verdict.is_proved() => Level::Error,
            _ => self.rule.level(),
        }
    }

    /// What a leak test made of it, where [`Prove`](super::Prove) was asked to write one.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// What is wrong, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Its place: the declaration of state, the call, or the macro.
    #[must_use]
    pub fn place(&self) -> &Mark {
        &self.marks[0]
    }

    /// Other places that have a part in it: who writes, who reads, where a request comes in.
    #[must_use]
    pub fn other_places(&self) -> &[Mark] {
        &self.marks[1..]
    }

    /// The shortest way to a leak.
    #[must_use]
    pub fn story(&self) -> &str {
        &self.story
    }

    /// How to mend it with this crate.
    #[must_use]
    pub fn mend(&self) -> &str {
        &self.mend
    }

    /// The leak test that would prove it.
    #[must_use]
    pub fn proof(&self) -> &str {
        &self.proof
    }

    /// What it is known by in a baseline: no line numbers, so that it stays when code moves.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl Mark {
    /// The file, below [`Checked::root`](super::Checked::root).
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.start.0
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.start.1
    }

    /// What it has to do with the finding.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}
