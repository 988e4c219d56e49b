//! The name of a list in a session.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// Names one list of a session, such as `history`: `[a-z0-9_.-]{1,64}`.
///
/// It comes from the code and never from a client; a name of each client's choosing would be a key
/// of each client's choosing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListName(Box<str>);

impl ListName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ListName {
    type Err = InvalidListName;

    fn from_str(text: &str) -> Result<Self, InvalidListName> {
        let is_legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
        if matches!(text.len(), 1..=64) && text.bytes().all(is_legal) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidListName { _private: () })
        }
    }
}

impl fmt::Display for ListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The text is no name of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidListName {
    _private: (),
}

impl fmt::Display for InvalidListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the name of a list is 1 to 64 of the characters `a-z`, `0-9`, `_`, `.` and `-`",
        )
    }
}

impl Error for InvalidListName {}
