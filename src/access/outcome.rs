//! How an access went.

/// How an access, or a decision about one, went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// It was allowed.
    Allowed,
    /// It was not.
    Denied,
    /// It failed, or could not be decided, which is a denial.
    Error,
    /// It would not have been allowed, and was taken in an emergency.
    BreakGlass,
}

impl Outcome {
    /// The name, as it is on record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Error => "error",
            Self::BreakGlass => "break-glass",
        }
    }
}
