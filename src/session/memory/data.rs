//! The data of a session, as it stands in a shard.

use bytes::Bytes;
use std::mem;

/// How much stands in place. It is what four lines of the cache have left.
const IN_PLACE: usize = 102;

/// What is short is copied, both ways: then a load has it from beside the session, and shares no count
/// of references, which would be elsewhere in memory.
pub(super) enum Data {
    InPlace { length: u8, bytes: [u8; IN_PLACE] },
    Shared(Bytes),
}

impl Data {
    #[inline]
    pub(super) fn of(bytes: &Bytes) -> Self {
        let mut place = [0; IN_PLACE];
        match place.get_mut(..bytes.len()) {
            Some(start) => {
                start.copy_from_slice(bytes);
                Self::InPlace { length: bytes.len() as u8, bytes: place }
            }
            None => Self::Shared(bytes.clone()),
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        match self {
            Self::InPlace { length, .. } => usize::from(*length),
            Self::Shared(bytes) => bytes.len(),
        }
    }

    #[inline]
    pub(super) fn to_bytes(&self) -> Bytes {
        match self {
            Self::InPlace { length, bytes } => {
                Bytes::copy_from_slice(&bytes[..usize::from(*length)])
            }
            Self::Shared(bytes) => bytes.clone(),
        }
    }

    /// Puts other data in its place, which is left where it was if it was copied; what is to be dropped.
    #[inline]
    pub(super) fn replace(&mut self, data: &mut Bytes) -> Option<Bytes> {
        // Most often short data takes the place of such: it goes there without a stop on the way.
        if let Self::InPlace { length, bytes } = self
            && let Some(start) = bytes.get_mut(..data.len())
        {
            start.copy_from_slice(data);
            *length = data.len() as u8;
            return None;
        }
        let new =
            if data.len() <= IN_PLACE { Self::of(data) } else { Self::Shared(mem::take(data)) };
        match mem::replace(self, new) {
            Self::InPlace { .. } => None,
            Self::Shared(before) => Some(before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_what_was_written_last_whether_short_or_long() {
        let of_length = |length: usize| Bytes::from(vec![length as u8; length]);
        let lengths = [0, 1, IN_PLACE - 1, IN_PLACE, IN_PLACE + 1, 300];
        for (before, after) in lengths.iter().flat_map(|one| lengths.map(|other| (*one, other))) {
            let mut data = Data::of(&of_length(before));
            assert_eq!((data.len(), data.to_bytes()), (before, of_length(before)));
            let dropped = data.replace(&mut of_length(after));
            assert_eq!(dropped, (before > IN_PLACE).then(|| of_length(before)));
            assert_eq!((data.len(), data.to_bytes()), (after, of_length(after)));
        }
    }
}
