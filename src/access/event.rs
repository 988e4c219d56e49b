//! What kind of thing is on record.

/// What kind of thing is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Access,
    Decision,
    BreakGlass,
    /// The trail about itself.
    Trail,
}

impl Event {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Decision => "decision",
            Self::BreakGlass => "break-glass",
            Self::Trail => "trail",
        }
    }
}
