//! Why an access is not on record.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

/// An access is not on record as it should be, so it must not happen.
#[derive(Clone, Debug)]
pub struct TrailError {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Missing,
    ReasonMissing,
    Full,
    Closed,
    Io(Arc<io::Error>),
}

impl TrailError {
    pub(crate) const fn missing() -> Self {
        Self { kind: Kind::Missing }
    }

    pub(crate) const fn reason_missing() -> Self {
        Self { kind: Kind::ReasonMissing }
    }

    pub(super) const fn full() -> Self {
        Self { kind: Kind::Full }
    }

    pub(super) const fn closed() -> Self {
        Self { kind: Kind::Closed }
    }

    pub(super) fn io(error: io::Error) -> Self {
        Self { kind: Kind::Io(Arc::new(error)) }
    }

    /// Whether the context has no trail.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.kind, Kind::Missing)
    }

    /// Whether the glass was to be [broken](crate::access::break_glass) without a reason, which is on
    /// record as a denial.
    #[must_use]
    pub fn is_reason_missing(&self) -> bool {
        matches!(self.kind, Kind::ReasonMissing)
    }

    /// Whether as many records wait already as [may](super::TrailBuilder::queue).
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.kind, Kind::Full)
    }

    /// Whether the trail was closed, or its writer is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.kind, Kind::Closed)
    }

    /// Whether the record could not be written, or not be made durable; the source says why. If only
    /// the latter, the record may be there for an access that was refused.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(self.kind, Kind::Io(_))
    }
}

impl fmt::Display for TrailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Missing => {
                "the current context has no trail, so the access is refused; \
                 insert a `Trail` into the layer or the context"
            }
            Kind::ReasonMissing => {
                "the glass cannot be broken without a reason, so the access is refused; \
                 say what the emergency is"
            }
            Kind::Full => {
                "too many records wait for the trail, so the access is refused; \
                 try again later, or allow for more"
            }
            Kind::Closed => "the trail is closed, so the access is refused",
            Kind::Io(_) => "the trail cannot be written, so the access is refused",
        })
    }
}

impl Error for TrailError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Io(error) => Some(&**error),
            _ => None,
        }
    }
}
