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
    ///
    /// `is_surely_legal` judges bytes, all of them without a branch, so that a usual ID costs a few
    /// instructions; only where it has a doubt are the characters looked at one by one.
    #[inline]
    pub(super) fn check(
        id: &'static str,
        text: &str,
        limit: usize,
        is_surely_legal: impl Fn(u8) -> bool,
        is_legal: impl Fn(char) -> bool,
    ) -> Result<(), Self> {
        let fault = if text.is_empty() {
            Fault::Empty
        } else if text.len() > limit {
            Fault::TooLong { length: text.len(), limit }
        } else if text.bytes().fold(true, |legal, byte| legal & is_surely_legal(byte)) {
            return Ok(());
        } else if let Some(position) = text.find(|c| !is_legal(c)) {
            Fault::IllegalCharacter { position }
        } else {
            return Ok(());
        };
        Err(Self { id, fault })
    }

    /// [`check`](Self::check) for an ID that may hold anything but control characters.
    pub(super) fn check_printable(id: &'static str, text: &str, limit: usize) -> Result<(), Self> {
        // Beyond ASCII, control characters begin with 0xC2, and nothing else is one.
        let is_surely_legal = |byte| byte >= 0x20 && byte != 0x7F && byte != 0xC2;
        Self::check(id, text, limit, is_surely_legal, |c| !c.is_control())
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
