//! Why a sink cannot begin.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;

/// A sink cannot begin.
#[derive(Debug)]
pub struct StartError {
    place: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Io(io::Error),
    Unwritten(io::Error),
    Locked,
    Broken,
}

impl StartError {
    /// Something stood in the way.
    #[must_use]
    pub fn io(place: &Path, error: io::Error) -> Self {
        Self { place: place.to_owned(), kind: Kind::Io(error) }
    }

    /// Somebody else writes there.
    #[must_use]
    pub fn locked(place: &Path) -> Self {
        Self { place: place.to_owned(), kind: Kind::Locked }
    }

    /// What is there already does not end in a line of this chain.
    #[must_use]
    pub fn broken(place: &Path) -> Self {
        Self { place: place.to_owned(), kind: Kind::Broken }
    }

    /// The first record cannot be written or synced.
    pub(crate) fn unwritten(error: io::Error) -> Self {
        Self { place: PathBuf::new(), kind: Kind::Unwritten(error) }
    }

    /// Whether something stood in the way; the source says what.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(self.kind, Kind::Io(_) | Kind::Unwritten(_))
    }

    /// Whether somebody else writes there: another process, or another trail of this one.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self.kind, Kind::Locked)
    }

    /// Whether what is there already does not end in a line of this chain: it was tampered with, or
    /// it has another key.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self.kind, Kind::Broken)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.display();
        match self.kind {
            Kind::Io(_) => write!(f, "the trail in `{place}` cannot be opened"),
            Kind::Unwritten(_) => f.write_str("the first record of the trail cannot be written"),
            Kind::Locked => write!(
                f,
                "the trail in `{place}` is written by somebody else; \
                 give each process a directory of its own"
            ),
            Kind::Broken => write!(
                f,
                "`{place}` does not end in a record of this trail: it was tampered with, or has \
                 another key; verify it, then move the files elsewhere to begin a new chain"
            ),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Io(error) | Kind::Unwritten(error) => Some(error),
            Kind::Locked | Kind::Broken => None,
        }
    }
}
