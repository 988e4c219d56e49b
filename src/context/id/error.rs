//! Why a text is no ID.

use std::error::Error;
use std::fmt;

/// The text given is not a legal ID.
///
/// The text itself is not part of the error: it comes from outside and may be a secret or an attack
/// on the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId {
    id: &'static str,
    fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    Empty,
    TooLong { length: usize, limit: usize },
    IllegalCharacter { position: usize },
}

impl InvalidId {
    /// Checks what all IDs share: 1 to `limit` bytes, every character legal.
    pub(super) fn check(
        id: &'static str,
        text: &str,
        limit: usize,
        is_legal: fn(char) -> bool,
    ) -> Result<(), Self> {
        let fault = if text.is_empty() {
            Fault::Empty
        } else if text.len() > limit {
            Fault::TooLong { length: text.len(), limit }
        } else if let Some(position) = text.find(|c| !is_legal(c)) {
            Fault::IllegalCharacter { position }
        } else {
            return Ok(());
        };
        Err(Self { id, fault })
    }

    /// Whether the text was empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fault == Fault::Empty
    }

    /// Whether the text was longer than the ID may be.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        matches!(self.fault, Fault::TooLong { .. })
    }

    /// Whether the text held a character that the ID may not hold.
    #[must_use]
    pub fn is_illegal_character(&self) -> bool {
        matches!(self.fault, Fault::IllegalCharacter { .. })
    }
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id;
        match self.fault {
            Fault::Empty => write!(f, "a {id} may not be empty"),
            Fault::TooLong { length, limit } => {
                write!(f, "a {id} may have {limit} bytes at most, this one has {length}")
            }
            Fault::IllegalCharacter { position } => {
                write!(f, "a {id} may not hold the character at byte {position}")
            }
        }
    }
}

impl Error for InvalidId {}
