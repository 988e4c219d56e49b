//! How the process ends.

use request_context::lint::Level;
use std::process;
use std::process::Termination;

/// How the process ends; clap ends it by 2 where the command line is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExitCode {
    /// All is well.
    Success = 0,
    /// Something is wrong with what was verified; or, of a check, with the command itself.
    Fault = 1,
    /// The command line is wrong.
    Usage = 2,
    /// It could not be verified; or there is nothing to check.
    Unreadable = 3,
    /// The highest finding is one to review.
    Review = 11,
    /// The highest finding is a warning.
    Warning = 12,
    /// The highest finding is an error, or was proved by a leak test.
    Error = 13,
}

impl From<Level> for ExitCode {
    fn from(level: Level) -> Self {
        match level {
            Level::Review => Self::Review,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

impl Termination for ExitCode {
    fn report(self) -> process::ExitCode {
        (self as u8).into()
    }
}
