//! How a canary was written where it was found.

use std::fmt;

/// How a canary was written where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Variant {
    /// As it was planted.
    AsIs,
    /// With letters in another case.
    OtherCase,
    /// From its end to its beginning.
    Reversed,
    /// Two hexadecimal digits for each byte, in either case.
    Hex,
    /// Percent-encoded as in a URL: each byte, or the colons of an address.
    Percent,
    /// A list of decimal bytes, as `Vec<u8>` is written by `Debug` and in JSON.
    ByteList,
    /// Base64 with the standard or the URL-safe alphabet, at any of the three alignments.
    Base64,
}

impl Variant {
    /// The name in reports: in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsIs => "as is",
            Self::OtherCase => "other case",
            Self::Reversed => "reversed",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::ByteList => "byte list",
            Self::Base64 => "base64",
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsIs => "as it is",
            Self::OtherCase => "in another case",
            Self::Reversed => "reversed",
            Self::Hex => "in hex",
            Self::Percent => "percent-encoded",
            Self::ByteList => "as a list of bytes",
            Self::Base64 => "in base64",
        })
    }
}
