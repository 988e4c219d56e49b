//! Why policies in Cedar are not taken.

use std::error::Error;
use std::fmt;

/// Policies in Cedar, or their schema, are not valid; the source says where and why.
#[derive(Debug)]
pub struct CedarError {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Schema(Box<dyn Error + Send + Sync>),
    Policies(Box<dyn Error + Send + Sync>),
    Validation(Box<dyn Error + Send + Sync>),
}

impl CedarError {
    pub(super) fn schema(error: impl Error + Send + Sync + 'static) -> Self {
        Self { kind: Kind::Schema(Box::new(error)) }
    }

    pub(super) fn policies(error: impl Error + Send + Sync + 'static) -> Self {
        Self { kind: Kind::Policies(Box::new(error)) }
    }

    pub(super) fn validation(error: impl Error + Send + Sync + 'static) -> Self {
        Self { kind: Kind::Validation(Box::new(error)) }
    }

    /// Whether the schema is not one.
    #[must_use]
    pub fn is_schema(&self) -> bool {
        matches!(self.kind, Kind::Schema(_))
    }

    /// Whether the policies are none.
    #[must_use]
    pub fn is_policies(&self) -> bool {
        matches!(self.kind, Kind::Policies(_))
    }

    /// Whether the policies are not valid by the schema.
    #[must_use]
    pub fn is_validation(&self) -> bool {
        matches!(self.kind, Kind::Validation(_))
    }
}

impl fmt::Display for CedarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Schema(_) => "the schema is not valid; correct it where the source says",
            Kind::Policies(_) => "the policies cannot be read; correct them where the source says",
            Kind::Validation(_) => {
                "the policies do not pass the schema's strict validation; \
                 correct them where the source says"
            }
        })
    }
}

impl Error for CedarError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let (Kind::Schema(error) | Kind::Policies(error) | Kind::Validation(error)) = &self.kind;
        Some(&**error)
    }
}
