//! How surely a record is kept before its access goes on.

use std::time::Duration;

/// How surely a record is kept before its access goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyncPolicy {
    /// The record survives the failure of the machine. Accesses that wait at the same time share an
    /// `fsync`.
    #[default]
    EveryRecord,
    /// The record survives the end of this process, and after that time also the failure of the
    /// machine.
    Interval(Duration),
    /// The record survives the end of this process; the system decides the rest.
    Never,
}
