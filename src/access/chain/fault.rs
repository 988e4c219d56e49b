//! What is wrong with a chain.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::path::PathBuf;

/// The first thing that is wrong with a chain: what, and at which file, line and sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) kind: Kind,
    pub(super) file: PathBuf,
    pub(super) line: u64,
    pub(super) sequence: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Edited,
    Missing,
    Reordered,
    Truncated,
}

impl Fault {
    /// Whether the record was changed since it was written, or written by somebody else; all of
    /// them seem so under another key.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        self.kind == Kind::Edited
    }

    /// Whether the record is in none of the files.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.kind == Kind::Missing
    }

    /// Whether the record is there, but not in its place, or more than once.
    #[must_use]
    pub fn is_reordered(&self) -> bool {
        self.kind == Kind::Reordered
    }

    /// Whether the chain is cut off: in the middle of this record, or before it.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.kind == Kind::Truncated
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line in the file, counted from 1: where the record is or should be.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The sequence of the record, or the one that should be here.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Kind::Edited => "was edited, or sealed with another key",
            Kind::Missing => "is missing",
            Kind::Reordered => "is not in its place",
            Kind::Truncated => "is cut off",
        };
        let Self { file, line, sequence, .. } = self;
        write!(f, "{}:{line}: record {sequence} {what}", file.display())
    }
}

impl Error for Fault {}
