//! How a store breaks a rule.

use crate::session::StoreError;
use std::error::Error;
use std::fmt;

/// A store has broken a rule.
#[derive(Debug)]
pub struct StoreFault {
    rule: &'static str,
    what: String,
    source: Option<StoreError>,
}

impl StoreFault {
    /// The name of the rule.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    pub(super) fn new(what: String) -> Self {
        Self { rule: "", what, source: None }
    }

    pub(super) fn of(self, rule: &'static str) -> Self {
        Self { rule, ..self }
    }
}

/// What a rule comes to.
pub(super) type Outcome = Result<(), StoreFault>;

/// The store failed where it must not.
impl From<StoreError> for StoreFault {
    #[track_caller]
    fn from(source: StoreError) -> Self {
        let line = std::panic::Location::caller();
        Self { rule: "", what: format!("failed ({line}): {source}"), source: Some(source) }
    }
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store breaks the rule `{}`: {}", self.rule, self.what)
    }
}

impl Error for StoreFault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// Ends a rule by a fault unless it holds.
macro_rules! holds {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err(StoreFault::new(format!($($what)+)));
        }
    };
}

/// Ends a rule by a fault unless the call fails in this way, by the predicate of the error.
macro_rules! fails {
    ($call:expr, $is:ident, $($what:tt)+) => {
        match $call {
            Err(error) if error.$is() => {}
            Err(error) => {
                let what = format!($($what)+);
                return Err(StoreFault::new(format!("{what}, but: {error}")));
            }
            Ok(done) => {
                let what = format!($($what)+);
                return Err(StoreFault::new(format!("{what}, but it was done: {done:?}")));
            }
        }
    };
}

pub(super) use fails;
pub(super) use holds;
