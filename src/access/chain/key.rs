//! The key of a chain.

use hmac::Hmac;
use hmac::KeyInit;
use sha2::Sha256;
use std::error::Error;
use std::fmt;
use zeroize::Zeroize;
use zeroize::ZeroizeOnDrop;

/// The key of a chain: with it each line is sealed by HMAC-SHA-256 (RFC 2104).
///
/// Without a key, whoever can write to the files can also write a whole new chain; with one, only who
/// has the key can. Keep it apart from the files. It is erased from memory when dropped, and never
/// printed.
///
/// ```
/// use request_context::access::trail::ChainKey;
///
/// let key = ChainKey::new([7; 32]);
/// assert_eq!(format!("{key:?}"), "ChainKey(..)");
/// assert!(ChainKey::from_hex("too short").is_err());
/// ```
#[derive(Clone)]
pub struct ChainKey([u8; 32]);

impl ChainKey {
    /// The key of these bytes: take them from a random source.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key of these 64 hexadecimal digits, such as `openssl rand -hex 32` prints; white space
    /// around them is left out.
    ///
    /// # Errors
    /// [`InvalidKey`] if it is anything else.
    pub fn from_hex(text: &str) -> Result<Self, InvalidKey> {
        let digits = text.trim().as_bytes();
        let mut key = Self([0; 32]);
        if digits.len() != 2 * key.0.len() {
            return Err(InvalidKey { _private: () });
        }
        for (byte, pair) in key.0.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            let (Some(high), Some(low)) = (digit(0), digit(1)) else {
                return Err(InvalidKey { _private: () });
            };
            *byte = (high * 16 + low) as u8;
        }
        Ok(key)
    }

    /// The hash function under this key, to be cloned for each line.
    pub(super) fn keyed(&self) -> Hmac<Sha256> {
        // A key shorter than the block is padded with zeros (RFC 2104, section 2).
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        block[..self.0.len()].copy_from_slice(&self.0);
        let keyed = Hmac::new(&block);
        block.as_mut_slice().zeroize();
        keyed
    }
}

impl Drop for ChainKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for ChainKey {}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainKey(..)")
    }
}

/// The text is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKey {
    _private: (),
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key is 64 hexadecimal digits; make one with `openssl rand -hex 32`")
    }
}

impl Error for InvalidKey {}
