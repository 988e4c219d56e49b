//! A place in a file.

use serde::Deserialize;
use serde::Serialize;

/// Bytes of a file, from `start` up to `end`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub(in crate::lint) struct Span {
    pub(in crate::lint) start: u32,
    pub(in crate::lint) end: u32,
}
