//! The name of a list in a session.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// Names one list of a session, such as `history`: `[a-z0-9_.-]{1,64}`.
///
/// It comes from the code and never from a client; a name of each client's choosing would be a key
/// of each client's choosing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListName(Cow<'static, str>);

impl ListName {
    /// A name that stands in the code.
    ///
    /// ```
    /// use request_context::session::ListName;
    ///
    /// const HISTORY: ListName = ListName::literal("history");
    /// assert_eq!(HISTORY.as_str(), "history");
    /// ```
    ///
    /// # Panics
    /// If the text is no name; in a `const` the code does not compile then.
    #[must_use]
    pub const fn literal(text: &'static str) -> Self {
        assert!(is_legal(text), "the name of a list is 1 to 64 of `a-z`, `0-9`, `_`, `.` and `-`");
        Self(Cow::Borrowed(text))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ListName {
    type Err = InvalidListName;

    fn from_str(text: &str) -> Result<Self, InvalidListName> {
        if is_legal(text) {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(InvalidListName { _private: () })
        }
    }
}

const fn is_legal(text: &str) -> bool {
    let text = text.as_bytes();
    let mut at = 0;
    while at < text.len() {
        if !matches!(text[at], b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-') {
            return false;
        }
        at += 1;
    }
    matches!(text.len(), 1..=64)
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
