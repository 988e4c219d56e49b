//! Why nothing could be proved.

use crate::lint::CheckError;
use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why nothing could be proved.
#[derive(Debug)]
pub struct ProveError(Kind);

#[derive(Debug)]
enum Kind {
    Check(CheckError),
    Settings(PathBuf, String),
    Dependency(PathBuf),
    File(PathBuf, Option<io::Error>),
    NoCargo(io::Error),
    Cargo(&'static str, String),
}

impl ProveError {
    pub(super) fn settings(path: PathBuf, what: String) -> Self {
        Self(Kind::Settings(path, what))
    }

    pub(super) fn dependency(path: PathBuf) -> Self {
        Self(Kind::Dependency(path))
    }

    pub(super) fn file(path: PathBuf, error: Option<io::Error>) -> Self {
        Self(Kind::File(path, error))
    }

    pub(super) fn no_cargo(error: io::Error) -> Self {
        Self(Kind::NoCargo(error))
    }

    pub(super) fn cargo(what: &'static str, output: String) -> Self {
        Self(Kind::Cargo(what, output))
    }

    /// The error of the check itself, if that failed.
    #[must_use]
    pub fn as_check(&self) -> Option<&CheckError> {
        match &self.0 {
            Kind::Check(error) => Some(error),
            _ => None,
        }
    }

    /// Whether a `Cargo.toml` has to be changed: its settings, or its dev-dependencies.
    #[must_use]
    pub fn is_settings(&self) -> bool {
        match &self.0 {
            Kind::Check(error) => error.is_settings(),
            kind => matches!(kind, Kind::Settings(..) | Kind::Dependency(_)),
        }
    }

    /// Whether cargo could not be run, or what it has built.
    #[must_use]
    pub fn is_cargo(&self) -> bool {
        matches!(self.0, Kind::NoCargo(_))
    }

    /// Whether it is the code of one package that is at fault, and says nothing of others.
    pub(super) fn is_of_package(&self) -> bool {
        matches!(self.0, Kind::Cargo(..))
    }
}

impl From<CheckError> for ProveError {
    fn from(error: CheckError) -> Self {
        Self(Kind::Check(error))
    }
}

impl fmt::Display for ProveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Check(error) => error.fmt(f),
            Kind::Settings(path, what) => {
                write!(f, "`metadata.request-context.prove` in `{}`: {what}", path.display())
            }
            Kind::Dependency(path) => write!(
                f,
                "`{}` has no dev-dependency `request-context` with the feature `testing`, which the leak tests \
                 need: `cargo add --dev request-context --features testing`",
                path.display()
            ),
            Kind::File(path, None) => write!(
                f,
                "`{}` was not written by this command and is not overwritten: move it",
                path.display()
            ),
            Kind::File(path, Some(_)) => {
                write!(f, "`{}` cannot be read or written", path.display())
            }
            Kind::NoCargo(_) => f.write_str("cargo, or the tests that it has built, cannot be run"),
            Kind::Cargo(what, output) if output.is_empty() => write!(f, "{what}"),
            Kind::Cargo(what, output) => write!(f, "{what}:\n{output}"),
        }
    }
}

impl Error for ProveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Kind::Check(error) => error.source(),
            Kind::File(_, Some(error)) | Kind::NoCargo(error) => Some(error),
            _ => None,
        }
    }
}
