//! One configured key: what it is for, and all that a token signed with it must hold.

use super::error::ConfigFault;
use super::error::JwtConfigError;
use jsonwebtoken::Algorithm;
use jsonwebtoken::AlgorithmFamily;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::DecodingKeyKind;
use jsonwebtoken::Validation;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::crypto::verify;
use std::time::Duration;

pub(super) struct Key {
    pub(super) id: String,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
    /// Made once, for it is made of many small allocations.
    pub(super) validation: Validation,
}

impl Key {
    pub(super) fn new(
        id: String,
        algorithm: Algorithm,
        key: DecodingKey,
        issuer: &str,
        audience: &str,
    ) -> Result<Self, JwtConfigError> {
        check(algorithm, &key).map_err(|kind| JwtConfigError { kind })?;
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.validate_nbf = true;
        // "On or after" the time, not after it alone (RFC 7519, section 4.1.4).
        validation.reject_tokens_expiring_in_less_than = 1;
        Ok(Self { id, algorithm, key, validation })
    }

    pub(super) fn set_leeway(&mut self, leeway: Duration) {
        self.validation.leeway = leeway.as_secs();
    }
}

/// The library looks at a key when it verifies by it; a key that fits nothing would refuse each token,
/// and a short one would accept those of whoever guesses it.
fn check(algorithm: Algorithm, key: &DecodingKey) -> Result<(), ConfigFault> {
    if key.family() != algorithm.family() {
        return Err(ConfigFault::WrongFamily);
    }
    match key.family() {
        AlgorithmFamily::Hmac => long_enough(bytes_of(key)?.len(), hash_bytes(algorithm))?,
        AlgorithmFamily::Rsa => long_enough(modulus_bits(key)?, MIN_RSA_BITS)?,
        // The library would panic over fewer, and leave out the rest of more.
        AlgorithmFamily::Ed if bytes_of(key)?.len() != ED25519_BYTES => {
            return Err(ConfigFault::UnusableKey);
        }
        AlgorithmFamily::Ed | AlgorithmFamily::Ec => {}
    }
    // Whether it is a key of this algorithm's curve at all; what it is asked to verify does not matter.
    verify("", b"", key, algorithm).map(drop).map_err(|_| ConfigFault::UnusableKey)
}

/// RFC 7518, section 3.3.
const MIN_RSA_BITS: usize = 2048;

const ED25519_BYTES: usize = 32;

/// As long as the output of its hash function (RFC 7518, section 3.2).
fn hash_bytes(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::HS256 => 32,
        Algorithm::HS384 => 48,
        // Also for an algorithm that is not known here: the longest.
        _ => 64,
    }
}

fn long_enough(length: usize, least: usize) -> Result<(), ConfigFault> {
    if length < least { Err(ConfigFault::ShortKey) } else { Ok(()) }
}

fn bytes_of(key: &DecodingKey) -> Result<&[u8], ConfigFault> {
    key.try_get_as_bytes().map_err(|_| ConfigFault::UnusableKey)
}

fn modulus_bits(key: &DecodingKey) -> Result<usize, ConfigFault> {
    match key.kind() {
        DecodingKeyKind::RsaModulusExponent { n, .. } => Ok(bits(n)),
        DecodingKeyKind::SecretOrDer(der) => {
            let components = (DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key)(der);
            components.map(|(n, _)| bits(&n)).map_err(|_| ConfigFault::UnusableKey)
        }
    }
}

/// Of a number in big-endian bytes.
fn bits(number: &[u8]) -> usize {
    let is_zero = |byte: &&u8| **byte == 0;
    let zeros = number.iter().take_while(is_zero).count();
    let top = number.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
    (number.len() - zeros) * 8 - top
}
