//! What a store knows of a session.

use crate::context::SessionId;
use crate::owner::Owner;
use bytes::Bytes;
use std::fmt;
use std::time::Duration;

/// A session as the store has it. Its times are spans as of the answer, since a store's clock is its
/// own.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The session that this is the record of, as the store has it written down beside the data:
    /// who asked compares it with what was asked for.
    pub id: SessionId,
    /// Who it belongs to, without a session; nobody before a login.
    pub owner: Owner,
    /// How often the data was written.
    pub version: Version,
    /// The data, opaque to the store.
    pub data: Bytes,
    /// The time since it was made, rotations for the same owner included.
    pub age: Duration,
    /// The time until it expires if it is not used again.
    pub expires_in: Duration,
}

impl Record {
    /// The record of a session, read from a store.
    #[must_use]
    pub fn new(
        id: SessionId,
        owner: Owner,
        version: Version,
        data: Bytes,
        age: Duration,
        expires_in: Duration,
    ) -> Self {
        Self { id, owner, version, data, age, expires_in }
    }
}

/// Without the data, of which only the length is shown.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .field("version", &self.version)
            .field("data.bytes", &self.data.len())
            .field("age", &self.age)
            .field("expires_in", &self.expires_in)
            .finish()
    }
}

/// A session in a list of an owner's sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// The session.
    pub id: SessionId,
    /// The time since it was made, rotations for the same owner included.
    pub age: Duration,
    /// The time until it expires if it is not used again.
    pub expires_in: Duration,
}

impl SessionInfo {
    /// What a store tells of a session in a list.
    #[must_use]
    pub fn new(id: SessionId, age: Duration, expires_in: Duration) -> Self {
        Self { id, age, expires_in }
    }
}

/// How often the data of a session was written: a write names the one that it read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// That of a session that was just made.
    pub const FIRST: Self = Self(1);

    /// As a store has kept it.
    #[must_use]
    pub fn new(version: u64) -> Self {
        Self(version)
    }

    /// As a store keeps it.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
