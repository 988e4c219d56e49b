//! Why a chain does not verify.

use super::Fault;
use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;

/// The chain does not verify, or cannot be read.
#[derive(Debug)]
pub struct VerifyError {
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Fault(Fault),
    Io(PathBuf, io::Error),
}

impl VerifyError {
    pub(super) fn fault(fault: Fault) -> Self {
        Self { cause: Cause::Fault(fault) }
    }

    pub(super) fn io(file: &Path, error: io::Error) -> Self {
        Self { cause: Cause::Io(file.to_owned(), error) }
    }

    /// What is wrong with the chain, if it could be read.
    #[must_use]
    pub fn as_fault(&self) -> Option<&Fault> {
        match &self.cause {
            Cause::Fault(fault) => Some(fault),
            Cause::Io(..) => None,
        }
    }

    /// Whether a file could not be read; nothing is known of the chain.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(self.cause, Cause::Io(..))
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Fault(fault) => fault.fmt(f),
            Cause::Io(file, _) => write!(f, "`{}` cannot be read", file.display()),
        }
    }
}

impl Error for VerifyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::Fault(_) => None,
            Cause::Io(_, error) => Some(error),
        }
    }
}
