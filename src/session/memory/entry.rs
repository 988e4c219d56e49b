//! One session as it stands in a shard.

use super::list::List;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::ListName;
use crate::session::NewSession;
use crate::session::Record;
use crate::session::StoreError;
use crate::session::Timeouts;
use crate::session::Update;
use crate::session::Version;
use crate::session::WriteId;
use crate::session::Written;
use bytes::Bytes;
use std::collections::VecDeque;
use tokio::time::Instant;

/// How many of the last updates are remembered, so that a retry of one of them is known although
/// others have written since.
const UPDATES_KNOWN: usize = 32;

pub(super) struct Entry {
    pub(super) id: SessionId,
    pub(super) owner: Owner,
    /// The hash of the ID, and a number that no other entry of the store ever has.
    pub(super) hash: u64,
    pub(super) serial: u64,
    /// The write that made it, and the hash of the session that it took the place of.
    pub(super) made_by: WriteId,
    pub(super) made_from: Option<u64>,
    pub(super) began: Instant,
    pub(super) expires: Instant,
    timeouts: Timeouts,
    version: Version,
    data: Bytes,
    /// The last updates; the last of them made `version`, the one before it the version before.
    updates: VecDeque<WriteId>,
    pub(super) lists: Vec<(ListName, List)>,
    /// The bytes of the names and the items of the lists.
    pub(super) list_bytes: usize,
}

impl Entry {
    pub(super) fn new(
        id: SessionId,
        hash: u64,
        serial: u64,
        new: NewSession,
        now: Instant,
    ) -> Box<Self> {
        Box::new(Self {
            id,
            owner: new.owner,
            hash,
            serial,
            made_by: new.write,
            made_from: None,
            began: now,
            expires: now + new.timeouts.idle(),
            timeouts: new.timeouts,
            version: Version::FIRST,
            data: new.data,
            updates: VecDeque::new(),
            lists: Vec::new(),
            list_bytes: 0,
        })
    }

    pub(super) fn is_expired(&self, now: Instant) -> bool {
        self.expires <= now
    }

    /// The session is used: its idle time begins anew, up to the absolute deadline.
    pub(super) fn touch(&mut self, now: Instant) {
        let expires = (now + self.timeouts.idle()).min(self.began + self.timeouts.absolute());
        // Who waited for the lock has an older clock reading than who had it before.
        self.expires = self.expires.max(expires);
    }

    pub(super) fn record(&self, now: Instant) -> Record {
        Record::new(
            self.id.clone(),
            self.owner.clone(),
            self.version,
            self.data.clone(),
            now.saturating_duration_since(self.began),
            self.expires.saturating_duration_since(now),
        )
    }

    fn written(&self, version: Version, now: Instant) -> Update {
        Update::Written(Written::new(version, self.expires.saturating_duration_since(now)))
    }

    /// All that counts for the limit of a session.
    pub(super) fn bytes(&self) -> usize {
        self.data.len() + self.list_bytes
    }

    /// Returns the data that is not needed any more too.
    pub(super) fn update(
        &mut self,
        expected: Version,
        data: Bytes,
        write: WriteId,
        now: Instant,
        most_bytes: usize,
    ) -> (Result<Update, StoreError>, Bytes) {
        if let Some(version) = self.version_of(write) {
            self.touch(now);
            return (Ok(self.written(version, now)), data);
        }
        if expected != self.version {
            return (Ok(Update::Conflict(Box::new(self.record(now)))), data);
        }
        if data.len() + self.list_bytes > most_bytes {
            return (Err(StoreError::capacity("session_bytes")), data);
        }
        self.touch(now);
        self.version = self.version.next();
        if self.updates.len() == UPDATES_KNOWN {
            self.updates.pop_front();
        }
        self.updates.push_back(write);
        let before = std::mem::replace(&mut self.data, data);
        (Ok(self.written(self.version, now)), before)
    }

    /// The version that an update made, if it is one of the last.
    fn version_of(&self, write: WriteId) -> Option<Version> {
        let newest_first = self.updates.iter().rev();
        let since = newest_first.take_while(|known| **known != write).count();
        (since < self.updates.len()).then(|| Version::new(self.version.get() - since as u64))
    }
}
