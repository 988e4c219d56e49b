//! The header of a token, before anything in it is verified.

use super::error::Rejected;
use jsonwebtoken::Algorithm;
use jsonwebtoken::dangerous::insecure_decode_claims;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;

/// The library's own header does not tell a `crit` that is `null` from none. Of each member there is
/// one at the most, and what it does not say it is not: `null` is no text.
#[derive(Deserialize)]
pub(super) struct UnverifiedHeader {
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    alg: Option<String>,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<IgnoredAny>,
}

impl UnverifiedHeader {
    pub(super) fn of(token: &str) -> Result<Self, Rejected> {
        let mut sections = token.split('.');
        let (Some(header), Some(_), Some(_), None) =
            (sections.next(), sections.next(), sections.next(), sections.next())
        else {
            return Err(Rejected::Form);
        };
        // The header in the place of the claims, which the library decodes to any type.
        insecure_decode_claims([".", header, "."].concat()).map_err(|_| Rejected::Header)
    }

    /// Whether it names extensions that must be understood, of which we understand none; also if it
    /// names them as it must not: by no list, or by an empty one (RFC 7515, section 4.1.11).
    pub(super) fn is_critical(&self) -> bool {
        self.crit.is_some()
    }

    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        self.alg.as_deref()?.parse().ok()
    }

    pub(super) fn token_type(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    pub(super) fn key_id(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

/// A member that is there, whatever it is: an `Option` alone takes `null` for none.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
