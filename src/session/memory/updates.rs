//! The last updates of a session.

use crate::session::WriteId;

/// How many of the last updates are remembered, so that a retry of one of them is known although
/// others have written since.
const KNOWN: usize = 32;

/// The last of them made the version that the session has, the one before it the version before.
///
/// Each update asks whether it is one of them, and is not: two bytes of each tell so at a glance, in
/// one place, without a look at what is elsewhere.
#[derive(Default)]
pub(super) struct Updates {
    /// Two bytes of each of `writes`, which are random.
    marks: [u16; KNOWN],
    /// A ring, once it is full.
    writes: Vec<WriteId>,
    /// Where the next one goes.
    next: usize,
}

impl Updates {
    /// How many updates ago this was one, if it was one of the last.
    #[inline]
    pub(super) fn ago(&self, write: WriteId) -> Option<u64> {
        let mark = mark(write);
        // Without a way out in between, so that it is a few vector instructions.
        let is_none = self.marks.iter().fold(true, |is_none, other| is_none & (*other != mark));
        if is_none {
            return None;
        }
        self.find(write)
    }

    #[cold]
    fn find(&self, write: WriteId) -> Option<u64> {
        let at = self.writes.iter().position(|other| *other == write)?;
        let last = self.next + KNOWN - 1;
        Some(((last - at) % KNOWN) as u64)
    }

    pub(super) fn push(&mut self, write: WriteId) {
        match self.writes.get_mut(self.next) {
            Some(oldest) => *oldest = write,
            None => self.writes.push(write),
        }
        self.marks[self.next] = mark(write);
        self.next = (self.next + 1) % KNOWN;
    }
}

#[inline]
fn mark(write: WriteId) -> u16 {
    let [first, second, ..] = write.to_bytes();
    u16::from_ne_bytes([first, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_updates_are_known_and_no_others() {
        // With and without marks that differ.
        for place in [0, 15] {
            let write = |number: u8| {
                let mut bytes = [0; 16];
                bytes[place] = number;
                WriteId::from_bytes(bytes)
            };
            let mut updates = Updates::default();
            for count in 1..=100 {
                assert_eq!(updates.ago(write(count)), None);
                updates.push(write(count));
                for ago in 0..100_u8.min(count) {
                    let is_known = usize::from(ago) < KNOWN;
                    assert_eq!(updates.ago(write(count - ago)), is_known.then_some(ago.into()));
                }
            }
        }
    }
}
