//! The text of an ID: in place where it is short, so that a usual context is one allocation.

use std::cmp::Ordering;
use std::hash::Hash;
use std::hash::Hasher;
use std::str;
use std::sync::Arc;

/// Immutable text, kept in place up to `N` bytes and shared beyond. In place it is filled up with
/// [`PADDING`], so that two places can be compared whole, which is no loop.
#[derive(Clone)]
pub(super) enum Text<const N: usize> {
    Inline { length: u8, bytes: [u8; N] },
    Shared(Arc<str>),
}

const PADDING: u8 = b'0';

impl<const N: usize> Text<N> {
    pub(super) fn new(text: &str) -> Self {
        Self::inline(text).unwrap_or_else(|| Self::Shared(text.into()))
    }

    /// Text in place, of a length that is known when this is compiled.
    #[inline]
    pub(super) const fn of<const LENGTH: usize>(text: [u8; LENGTH]) -> Self {
        const { assert!(LENGTH <= N) };
        let mut bytes = [PADDING; N];
        let mut index = 0;
        while index < LENGTH {
            bytes[index] = text[index];
            index += 1;
        }
        Self::Inline { length: LENGTH as u8, bytes }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Inline { length: 0, .. })
    }

    /// `text` in place, if it is not empty and `is_legal` is sure of it.
    ///
    /// `is_legal` sees the whole place, padding and all: over that many bytes a loop is a few
    /// vector instructions, a fraction of what one over the characters costs.
    #[inline]
    pub(super) fn surely(text: &str, is_legal: impl FnOnce(&[u8; 48]) -> bool) -> Option<Self> {
        let mut padded = [PADDING; 48];
        padded[..N].get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        if text.is_empty() || !is_legal(&padded) {
            return None;
        }
        Some(Self::Inline { length: text.len() as u8, bytes: *padded.first_chunk()? })
    }

    /// [`surely`](Self::surely) for text that may hold all of printable ASCII.
    #[inline]
    pub(super) fn printable(text: &str) -> Option<Self> {
        Self::surely(text, |place| {
            place.iter().fold(0, |max, byte| byte.wrapping_sub(b' ').max(max)) <= b'~' - b' '
        })
    }

    fn inline(text: &str) -> Option<Self> {
        let mut bytes = [PADDING; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self::Inline { length: u8::try_from(text.len()).ok()?, bytes })
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Self::Shared(text) => text.as_bytes(),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            // The bytes are filled from text, so there is no other case.
            Self::Inline { .. } => str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Self::Shared(text) => text,
        }
    }
}

impl<const N: usize> PartialEq for Text<N> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Inline { length, bytes },
                Self::Inline { length: other_length, bytes: other_bytes },
            ) => length == other_length && bytes == other_bytes,
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl<const N: usize> Eq for Text<N> {}

impl<const N: usize> PartialOrd for Text<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for Text<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl<const N: usize> Hash for Text<N> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}
