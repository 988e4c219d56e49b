//! Where a chain ends.

use super::hex;
use super::hex::Digits;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// Where a chain ends: the sequence and the hash of its last record, written `SEQ:HASH`.
///
/// Cut off at the end, a chain is still a chain. So keep its head elsewhere from time to time: log
/// [`Trail::head`](super::super::trail::Trail::head), and give it to the verification.
///
/// ```
/// use request_context::access::trail::Head;
///
/// let head: Head = format!("7:{}", "0a".repeat(32)).parse()?;
/// assert_eq!(head.sequence(), 7);
/// assert_eq!(head.to_string(), format!("7:{}", "0a".repeat(32)));
/// assert!("7".parse::<Head>().is_err());
/// # Ok::<_, request_context::access::trail::InvalidHead>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    pub(super) sequence: u64,
    pub(super) hash: Digits,
}

impl Head {
    /// The head of a chain without records: what the first one links to.
    #[must_use]
    pub const fn genesis() -> Self {
        Self { sequence: 0, hash: [b'0'; 64] }
    }

    /// The sequence of the last record; they are counted from 1.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The hash of the last record, as hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        hex::as_str(&self.hash)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.hash())
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({self})")
    }
}

impl FromStr for Head {
    type Err = InvalidHead;

    fn from_str(text: &str) -> Result<Self, InvalidHead> {
        let parse = || {
            let (sequence, hash) = text.split_once(':')?;
            let (hash, rest) = hex::take(hash.as_bytes())?;
            rest.is_empty().then_some(Self { sequence: sequence.parse().ok()?, hash })
        };
        parse().ok_or(InvalidHead { _private: () })
    }
}

/// The text is no head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidHead {
    _private: (),
}

impl fmt::Display for InvalidHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a head is the sequence, a colon, and the hash as 64 hexadecimal digits")
    }
}

impl Error for InvalidHead {}
