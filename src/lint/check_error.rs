//! Why a check could not be made.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a check could not be made.
#[derive(Debug)]
pub struct CheckError(Kind);

#[derive(Debug)]
enum Kind {
    /// And the manifest that may be why.
    Nothing(PathBuf, Option<String>),
    Settings(PathBuf, String),
    Baseline(PathBuf, Option<io::Error>),
    NoBaseline,
}

impl CheckError {
    pub(super) fn nothing(path: PathBuf, why: Option<String>) -> Self {
        Self(Kind::Nothing(path, why))
    }

    pub(super) fn settings(path: PathBuf, what: String) -> Self {
        Self(Kind::Settings(path, what))
    }

    pub(super) fn baseline(path: PathBuf, error: Option<io::Error>) -> Self {
        Self(Kind::Baseline(path, error))
    }

    pub(super) fn no_baseline() -> Self {
        Self(Kind::NoBaseline)
    }

    /// Whether there is no file of Rust at the path.
    #[must_use]
    pub fn is_nothing_to_read(&self) -> bool {
        matches!(self.0, Kind::Nothing(..))
    }

    /// Whether the settings in `Cargo.toml` are wrong, or name no baseline where one is needed.
    #[must_use]
    pub fn is_settings(&self) -> bool {
        matches!(self.0, Kind::Settings(..) | Kind::NoBaseline)
    }

    /// Whether the baseline could not be read or written, or would have grown where it may only shrink.
    #[must_use]
    pub fn is_baseline(&self) -> bool {
        matches!(self.0, Kind::Baseline(..))
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Nothing(path, Some(why)) => {
                write!(f, "no target of a package at `{}`: {why}", path.display())
            }
            Kind::Nothing(path, None) => write!(
                f,
                "no target of a package at `{}`: name a folder with a Cargo.toml, or a file of Rust",
                path.display()
            ),
            Kind::Settings(path, what) => {
                write!(f, "`metadata.request-context` in `{}`: {what}", path.display())
            }
            Kind::NoBaseline => f.write_str(
                "there is no baseline: name one by `--baseline`, or by `baseline` in the settings",
            ),
            Kind::Baseline(path, Some(_)) => {
                write!(f, "the baseline `{}` could not be read or written", path.display())
            }
            Kind::Baseline(path, None) => write!(
                f,
                "the baseline `{}` would grow, and in CI it may only shrink: mend the finding, or update the \
                 baseline outside",
                path.display()
            ),
        }
    }
}

impl Error for CheckError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Kind::Baseline(_, Some(error)) => Some(error),
            _ => None,
        }
    }
}
