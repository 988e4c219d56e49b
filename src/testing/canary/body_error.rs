//! Why a body could not be decoded.

use std::error::Error;
use std::fmt;
use std::io;

/// Why a body, or the rest of it, could not be decoded: what is in it was not searched.
#[derive(Debug)]
pub struct DecodeError(Why);

#[derive(Debug)]
enum Why {
    Unknown(Box<str>),
    Malformed(io::Error),
    TooLong(usize),
}

impl DecodeError {
    pub(super) fn unknown(coding: &str) -> Self {
        Self(Why::Unknown(coding.into()))
    }

    pub(super) const fn malformed(source: io::Error) -> Self {
        Self(Why::Malformed(source))
    }

    pub(super) const fn too_long(limit: usize) -> Self {
        Self(Why::TooLong(limit))
    }

    /// Whether the coding is not one of gzip, deflate, br and zstd.
    #[must_use]
    pub const fn is_unknown_coding(&self) -> bool {
        matches!(self.0, Why::Unknown(_))
    }

    /// Whether the body breaks off, or is not what its coding says.
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(self.0, Why::Malformed(_))
    }

    /// Whether the body is longer than the limit.
    #[must_use]
    pub const fn is_too_long(&self) -> bool {
        matches!(self.0, Why::TooLong(_))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Unknown(coding) => write!(
                f,
                "the content coding {coding:?} is not known: only gzip, deflate, br and zstd are searched"
            ),
            Why::Malformed(_) => f.write_str("the body breaks off or is not what its coding says"),
            Why::TooLong(limit) => {
                write!(
                    f,
                    "the decoded body is longer than {limit} bytes: the rest was not searched"
                )
            }
        }
    }
}

impl Error for DecodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Why::Malformed(source) => Some(source),
            Why::Unknown(_) | Why::TooLong(_) => None,
        }
    }
}
