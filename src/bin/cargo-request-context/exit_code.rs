//! How the process ends.

use std::process;
use std::process::Termination;

/// How the process ends; clap ends it by 2 where the command line is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExitCode {
    /// All is well.
    Success = 0,
    /// Something is wrong with what was checked.
    Fault = 1,
    /// It could not be checked.
    Unreadable = 3,
}

impl Termination for ExitCode {
    fn report(self) -> process::ExitCode {
        (self as u8).into()
    }
}
