//! The text of an ID: in place where it is short, so that a usual context is one allocation.

use std::cmp::Ordering;
use std::hash::Hash;
use std::hash::Hasher;
use std::str;
use std::sync::Arc;

/// Immutable text, kept in place up to `N` bytes and shared beyond.
#[derive(Clone)]
pub(super) enum Text<const N: usize> {
    Inline { length: u8, bytes: [u8; N] },
    Shared(Arc<str>),
}

impl<const N: usize> Text<N> {
    pub(super) fn new(text: &str) -> Self {
        Self::inline(text).unwrap_or_else(|| Self::Shared(text.into()))
    }

    /// Text that `write` puts into the place given to it, telling the length.
    pub(super) fn written(write: impl FnOnce(&mut [u8]) -> usize) -> Self {
        let mut bytes = [0; N];
        let length = write(&mut bytes).min(N);
        Self::Inline { length: length as u8, bytes }
    }

    fn inline(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self::Inline { length: u8::try_from(text.len()).ok()?, bytes })
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Self::Shared(text) => text.as_bytes(),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        // The bytes are filled from text, so there is no other case.
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl<const N: usize> PartialEq for Text<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
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
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}
