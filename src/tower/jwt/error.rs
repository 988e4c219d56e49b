//! Why a configuration, or a token, is not accepted.

use crate::tower::AuthorizationError;
use jsonwebtoken::errors::ErrorKind;
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
    WrongFamily,
    ShortKey,
    UnusableKey,
    LongLeeway,
}

impl JwtConfigError {
    /// Whether two keys were given one `kid`.
    #[must_use]
    pub fn is_duplicate_key_id(&self) -> bool {
        self.kind == ConfigFault::DuplicateKeyId
    }

    /// Whether the key is of another family than the algorithm: a shared secret for ES256.
    #[must_use]
    pub fn is_wrong_family(&self) -> bool {
        self.kind == ConfigFault::WrongFamily
    }

    /// Whether the key is too short: a secret of fewer bytes than the output of the hash function,
    /// which are 32 for HS256, 48 for HS384 and 64 for HS512 (RFC 7518, section 3.2), or an RSA key
    /// of fewer than 2048 bits (section 3.3).
    #[must_use]
    pub fn is_short_key(&self) -> bool {
        self.kind == ConfigFault::ShortKey
    }

    /// Whether the key is none of the algorithm's: on another curve, or no point of it, or not to be
    /// read.
    #[must_use]
    pub fn is_unusable_key(&self) -> bool {
        self.kind == ConfigFault::UnusableKey
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
            ConfigFault::WrongFamily => {
                "the key is of another family than the algorithm; \
                 give the one that the issuer signs with"
            }
            ConfigFault::ShortKey => {
                "the key is too short for the algorithm; make a secret of 32 random bytes for HS256, \
                 48 for HS384, 64 for HS512, and an RSA key of 2048 bits or more"
            }
            ConfigFault::UnusableKey => {
                "the key is not one of the algorithm; give a public key on its curve, whole"
            }
            ConfigFault::LongLeeway => "the leeway may be 60 seconds at most",
        })
    }
}

impl Error for JwtConfigError {}

/// Why a credential is rejected; for the log, not for the client, and with nothing of the token.
#[derive(Debug)]
pub(super) enum Rejected {
    Authorization(AuthorizationError),
    Form,
    Header,
    CriticalExtension,
    Type,
    Key,
    Algorithm,
    Signature,
    Expired,
    Early,
    Issuer,
    Audience,
    Claims,
    Identity,
}

impl Rejected {
    /// Without the library's text, which may cite the claims.
    pub(super) fn by(error: &jsonwebtoken::errors::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::ExpiredSignature => Self::Expired,
            ErrorKind::ImmatureSignature => Self::Early,
            ErrorKind::InvalidIssuer => Self::Issuer,
            ErrorKind::InvalidAudience => Self::Audience,
            _ => Self::Claims,
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authorization(error) => return error.fmt(f),
            Self::Form => "it has not the three parts of a signed token",
            Self::Header => "its header cannot be read",
            Self::CriticalExtension => "it needs an extension",
            Self::Type => "its type is not the expected one",
            Self::Key => "it names no configured key",
            Self::Algorithm => "its algorithm is not that of the key",
            Self::Signature => "its signature is not that of the key",
            Self::Expired => "it has expired",
            Self::Early => "it is not valid yet",
            Self::Issuer => "it is not from the expected issuer",
            Self::Audience => "it is for another audience",
            Self::Claims => "its claims cannot be read, or one that must be there is missing",
            Self::Identity => "its claims name no identity",
        })
    }
}
