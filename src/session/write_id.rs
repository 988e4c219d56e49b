//! The ID of one write, by which a retry of it is known.

use std::fmt;
use uuid::Uuid;

/// Names one write, so that the store can tell a retry of it from another write.
///
/// A write that was cancelled, or whose answer was lost, may have happened. Tried again **with the
/// same ID**, it happens once all the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct WriteId(u128);

impl WriteId {
    /// A fresh one: 122 random bits.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each call names a different write")]
    pub fn new() -> Self {
        Self(Uuid::new_v4().as_u128())
    }

    /// As a store keeps it.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// As a store has kept it.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Debug for WriteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WriteId({:032x})", self.0)
    }
}
