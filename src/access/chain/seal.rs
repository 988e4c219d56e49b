//! The seal at the end of each line.

use super::ChainKey;
use super::Head;
use super::hex;
use super::hex::Digits;
use hmac::Hmac;
use hmac::Mac;
use sha2::Digest;
use sha2::Sha256;
use std::fmt;
use std::io::Write;

/// How lines are sealed: by SHA-256, or by HMAC-SHA-256 under a key.
///
/// A line ends in `"seq":42,"prev":"…","hash":"…"}` or the same with `}}`. `hash` is over all of the
/// line but `,"hash":"…"` and the line break; `prev` is the `hash` of the line before.
#[derive(Clone)]
pub struct Chain {
    keyed: Option<Hmac<Sha256>>,
}

/// What stands between the last two hashes.
const PREV: &[u8] = b",\"prev\":\"";
const HASH: &[u8] = b",\"hash\":\"";
const SEQ: &[u8] = b"\"seq\":";

impl Chain {
    pub(crate) fn new(key: Option<&ChainKey>) -> Self {
        Self { keyed: key.map(ChainKey::keyed) }
    }

    /// The head that a chain has after `line`, which is without its line break; `None` if the line
    /// was not written so, or not under this key.
    #[must_use]
    pub fn head_after(&self, line: &[u8]) -> Option<Head> {
        self.read(line).map(|seal| seal.head)
    }

    /// Appends the line of `body` to `out`, sealed, and moves `head` on.
    pub(crate) fn seal(&self, out: &mut Vec<u8>, body: &[u8], closing: &str, head: &mut Head) {
        let from = out.len();
        out.extend_from_slice(body);
        out.extend_from_slice(SEQ);
        head.sequence += 1;
        // Writing to a `Vec` cannot fail.
        let _ = write!(out, "{}", head.sequence);
        out.extend_from_slice(PREV);
        out.extend_from_slice(&head.hash);
        out.push(b'"');
        head.hash = self.hash(&out[from..], closing.as_bytes());
        out.extend_from_slice(HASH);
        out.extend_from_slice(&head.hash);
        out.push(b'"');
        out.extend_from_slice(closing.as_bytes());
        out.push(b'\n');
    }

    pub(super) fn read(&self, line: &[u8]) -> Option<Seal> {
        // The last one: inside of a text the quotes would be escaped.
        let at = line.windows(SEQ.len()).rposition(|part| part == SEQ)?;
        let rest = &line[at + SEQ.len()..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (sequence, rest) = rest.split_at(digits);
        let (prev, rest) = hex::take(rest.strip_prefix(PREV)?)?;
        let rest = rest.strip_prefix(b"\"")?;
        let covered = line.len() - rest.len();
        let (hash, rest) = hex::take(rest.strip_prefix(HASH)?)?;
        let closing = rest.strip_prefix(b"\"")?;
        let sequence = str::from_utf8(sequence).ok()?.parse().ok()?;
        let is_sealed = self.hash(&line[..covered], closing) == hash;
        is_sealed.then_some(Seal { prev, head: Head { sequence, hash } })
    }

    fn hash(&self, covered: &[u8], closing: &[u8]) -> Digits {
        match &self.keyed {
            Some(keyed) => {
                let mut mac = keyed.clone();
                mac.update(covered);
                mac.update(closing);
                hex::digits(&mac.finalize().into_bytes().into())
            }
            None => {
                let mut hash = Sha256::new();
                hash.update(covered);
                hash.update(closing);
                hex::digits(&hash.finalize().into())
            }
        }
    }
}

/// A line's seal that is whole: the line is as it was written.
pub(super) struct Seal {
    /// The hash of the line before.
    pub(super) prev: Digits,
    /// The line's own place.
    pub(super) head: Head,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("is_keyed", &self.keyed.is_some()).finish()
    }
}
