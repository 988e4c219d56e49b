//! Canaries in what arrives piece by piece.

use super::canaries::Canaries;
use super::canary_match::CanaryMatch;
use super::search::AFTER;
use super::search::BEFORE;
use super::variant::Variant;
use std::collections::HashSet;
use std::fmt;

/// What has been found already: a place in the index, how it was written, whether it was whole.
pub(super) type Seen = HashSet<(Option<u32>, Variant, bool)>;

/// Finds canaries in what arrives piece by piece, also across the pieces' borders.
///
/// Finds exactly what [`Canaries::find`] would find in the pieces put together. It keeps at most
/// the last 352 bytes, so a canary near the end of what has arrived may be found with the
/// next piece, or by [`finish`](Self::finish).
///
/// # Examples
/// ```
/// use request_context::testing::canary::{Canaries, CanaryFields, CanaryStream};
///
/// let canaries = Canaries::new(7, CanaryFields::new());
/// let note = canaries.plant(0, "note");
/// let (one, other) = note.split_at(9);
///
/// let mut stream = CanaryStream::new();
/// let mut found = stream.feed(&canaries, one.as_bytes());
/// found.extend(stream.feed(&canaries, other.as_bytes()));
/// found.extend(stream.finish(&canaries));
/// assert_eq!(found.len(), 1);
/// ```
#[derive(Default)]
pub struct CanaryStream {
    /// The end of what has arrived: `BEFORE` bytes that are done, and what is not done.
    held: Vec<u8>,
    /// How much of `held` is done.
    done: usize,
    /// Where `held` begins in the stream.
    offset: u64,
    seen: Seen,
}

impl CanaryStream {
    /// The beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The canaries that can be told with this piece.
    #[must_use]
    pub fn feed(&mut self, canaries: &Canaries, piece: &[u8]) -> Vec<CanaryMatch> {
        self.held.extend_from_slice(piece);
        // What begins later may go on with the next piece.
        let to = self.held.len().saturating_sub(AFTER);
        let found = self.advance(canaries, to);
        let drop = self.done.saturating_sub(BEFORE);
        self.held.drain(..drop);
        self.done -= drop;
        self.offset += drop as u64;
        found
    }

    /// The canaries that end with the stream.
    #[must_use]
    pub fn finish(mut self, canaries: &Canaries) -> Vec<CanaryMatch> {
        self.advance(canaries, self.held.len())
    }

    fn advance(&mut self, canaries: &Canaries, to: usize) -> Vec<CanaryMatch> {
        if to <= self.done {
            return Vec::new();
        }
        let from = self.done;
        self.done = to;
        canaries.find_between(&self.held, from..to, self.offset, &mut self.seen)
    }
}

impl fmt::Debug for CanaryStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanaryStream")
            .field("arrived", &(self.offset + self.held.len() as u64))
            .finish_non_exhaustive()
    }
}
