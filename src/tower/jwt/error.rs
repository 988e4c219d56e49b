//! Why a configuration, or a token, is not accepted.

use std::error::Error;
use std::fmt;

/// A [`JwtBearer`](super::JwtBearer) cannot be configured like that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtConfigError {
    pub(super) kind: ConfigFault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConfigFault {
    DuplicateKeyId,
    LongLeeway,
}

impl JwtConfigError {
    /// Whether two keys were given one `kid`.
    #[must_use]
    pub fn is_duplicate_key_id(&self) -> bool {
        self.kind == ConfigFault::DuplicateKeyId
    }

    /// Whether the leeway was longer than 60 seconds.
    #[must_use]
    pub fn is_long_leeway(&self) -> bool {
        self.kind == ConfigFault::LongLeeway
    }
}

impl fmt::Display for JwtConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ConfigFault::DuplicateKeyId => "two keys have the same key ID; give each its own",
            ConfigFault::LongLeeway => "the leeway may be 60 seconds at most",
        })
    }
}

impl Error for JwtConfigError {}

/// Why a token is rejected; for the log, not for the client.
#[derive(Debug)]
pub(super) enum Rejected {
    Header,
    CriticalExtension,
    Type,
    Key,
    Algorithm,
    Claims(jsonwebtoken::errors::Error),
    Issuer,
    Identity,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("its header cannot be read"),
            Self::CriticalExtension => f.write_str("it needs an extension"),
            Self::Type => f.write_str("its type is not the expected one"),
            Self::Key => f.write_str("it names no configured key"),
            Self::Algorithm => f.write_str("its algorithm is not that of the key"),
            Self::Claims(error) => error.fmt(f),
            Self::Issuer => f.write_str("its issuer is not one"),
            Self::Identity => f.write_str("its claims name no identity"),
        }
    }
}
