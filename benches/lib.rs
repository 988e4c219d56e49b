//! What the benches measure with: how an operation is written down, and the rivals.
//!
//! The rivals' keys live in this library and the operations in the binaries, as a user's program
//! finds both our key and theirs: in a crate of its own.

#![expect(clippy::disallowed_macros, reason = "a task-local of one's own is the rival")]

#[cfg(feature = "http")]
pub mod edge;
pub mod leaf;
pub mod op;
#[cfg(feature = "access")]
pub mod permit_by_hand;
pub mod rivals;
#[cfg(feature = "stores")]
pub mod stores;
