//! The keyed digest that stands for a user ID in the log.

use crate::context::UserId;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use std::fmt;
use std::fmt::Write;

/// HMAC-SHA-256 under one key.
#[derive(Clone)]
pub(super) struct UserDigest {
    keyed: Hmac<Sha256>,
}

impl UserDigest {
    const BYTES: usize = 16;

    pub(super) fn new(key: &[u8; 32]) -> Self {
        // A key shorter than the block is padded with zeros (RFC 2104, section 2).
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        block[..key.len()].copy_from_slice(key);
        Self { keyed: Hmac::new(&block) }
    }

    pub(super) fn of(&self, user: &UserId) -> String {
        let mut mac = self.keyed.clone();
        mac.update(user.as_str().as_bytes());
        let mut text = String::from("hmac-sha256:");
        for byte in mac.finalize().into_bytes().iter().take(Self::BYTES) {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl fmt::Debug for UserDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserDigest").finish_non_exhaustive()
    }
}
