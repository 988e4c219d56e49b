//! One session as it stands in a shard.

use super::account::Account;
use super::data::Data;
use super::list::Item;
use super::list::List;
use super::moment::Moment;
use super::moment::nanos;
use super::updates::Updates;
use crate::context::SessionId;
use crate::session::Limits;
use crate::session::ListName;
use crate::session::NewSession;
use crate::session::Record;
use crate::session::StoreError;
use crate::session::Update;
use crate::session::Version;
use crate::session::WriteId;
use crate::session::Written;
use bytes::Bytes;
use std::time::Duration;

/// What a load reads, in four lines of the cache one after the other, and what writes read besides, in
/// a fifth: the rest is apart.
#[repr(C, align(64))]
pub(super) struct Entry {
    pub(super) id: SessionId,
    pub(super) expires: Moment,
    version: Version,
    pub(super) account: Account,
    began: Moment,
    data: Data,
    pub(super) hash: u64,
    /// A number that no other entry of the store ever has.
    pub(super) serial: u64,
    /// The absolute deadline.
    ends: Moment,
    /// In nanoseconds.
    idle: u64,
    /// What writes add; most sessions have been written to, but not all.
    written: Option<Box<Additions>>,
    made: Made,
    /// Its place in the index by owner, if it is there.
    pub(super) place: u32,
}

/// What has made a session: a write, of which a rotation is one of a certain session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    by: [u8; 16],
    is_rotation: bool,
}

/// What only some of the sessions have.
#[derive(Default)]
struct Additions {
    updates: Updates,
    lists: Vec<(ListName, List)>,
    /// The bytes of the names and the items of the lists.
    list_bytes: usize,
}

impl Made {
    pub(super) fn by(write: WriteId) -> Self {
        Self { by: write.to_bytes(), is_rotation: false }
    }

    /// By a rotation of the session with this hash, which is keyed: the two together are as good a name
    /// as the write is.
    pub(super) fn from(hash: u64, write: WriteId) -> Self {
        let by = u128::from_ne_bytes(write.to_bytes()) ^ u128::from(hash);
        Self { by: by.to_ne_bytes(), is_rotation: true }
    }

    /// The write, if no rotation made it.
    pub(super) fn creation(self) -> Option<WriteId> {
        (!self.is_rotation).then(|| WriteId::from_bytes(self.by))
    }
}

impl Entry {
    pub(super) fn new(
        id: SessionId,
        hash: u64,
        serial: u64,
        new: &NewSession,
        now: Moment,
    ) -> Self {
        let NewSession { owner, timeouts, data, write } = new;
        Self {
            id,
            expires: now.after(timeouts.idle()),
            version: Version::FIRST,
            account: Account::of(owner),
            began: now,
            data: Data::of(data),
            hash,
            serial,
            ends: now.after(timeouts.absolute()),
            idle: nanos(timeouts.idle()),
            written: None,
            made: Made::by(*write),
            place: 0,
        }
    }

    /// The same session goes on under another ID.
    #[inline]
    pub(super) fn rename(&mut self, id: SessionId, hash: u64, serial: u64) {
        (self.id, self.hash, self.serial) = (id, hash, serial);
    }

    pub(super) fn made(&self) -> Made {
        self.made
    }

    #[inline]
    pub(super) fn was_made(&mut self, made: Made) {
        self.made = made;
    }

    pub(super) fn began(&self) -> Moment {
        self.began
    }

    #[inline]
    pub(super) fn is_expired(&self, now: Moment) -> bool {
        self.expires <= now
    }

    pub(super) fn expires_in(&self, now: Moment) -> Duration {
        self.expires.since(now)
    }

    /// The session is used: its idle time begins anew, up to the absolute deadline.
    #[inline]
    pub(super) fn touch(&mut self, now: Moment) {
        let expires = now.after_nanos(self.idle).min(self.ends);
        // Never sooner, also by the clock of another runtime, which may be paused: the look at it is due
        // by then at the latest.
        self.expires = self.expires.max(expires);
    }

    #[inline]
    pub(super) fn record(&self, now: Moment) -> Record {
        Record::new(
            self.id.clone(),
            self.account.to_owner(),
            self.version,
            self.data.to_bytes(),
            now.since(self.began),
            self.expires_in(now),
        )
    }

    #[inline]
    fn written(&self, version: Version, now: Moment) -> Update {
        Update::Written(Written::new(version, self.expires_in(now)))
    }

    fn list_bytes(&self) -> usize {
        self.written.as_ref().map_or(0, |written| written.list_bytes)
    }

    /// Returns the data from before too, if it is to be dropped.
    #[inline]
    pub(super) fn update(
        &mut self,
        expected: Version,
        data: &mut Bytes,
        write: WriteId,
        now: Moment,
        limits: &Limits,
    ) -> (Result<Update, StoreError>, Option<Bytes>) {
        let known = self.written.as_ref().and_then(|written| written.updates.ago(write));
        if let Some(ago) = known {
            self.touch(now);
            return (Ok(self.written(Version::new(self.version.get() - ago), now)), None);
        }
        if expected != self.version {
            return (Ok(Update::Conflict(Box::new(self.record(now)))), None);
        }
        if data.len() + self.list_bytes() > limits.session_bytes {
            return (Err(StoreError::capacity("session_bytes")), None);
        }
        self.touch(now);
        self.version = self.version.next();
        self.written.get_or_insert_default().updates.push(write);
        let before = self.data.replace(data);
        (Ok(self.written(self.version, now)), before)
    }

    pub(super) fn list(&self, name: &ListName) -> Option<&List> {
        let lists = &self.written.as_ref()?.lists;
        lists.iter().find(|(its, _)| its == name).map(|(_, list)| list)
    }

    /// Adds an item, also to a list that is not there yet, and returns its position. It is left where it
    /// was if it is there already, or finds no room.
    pub(super) fn append(
        &mut self,
        name: &ListName,
        item: &mut Item,
        limits: &Limits,
    ) -> Result<u64, StoreError> {
        let written = self.written.get_or_insert_default();
        let index = written.lists.iter().position(|(its, _)| its == name);
        let list = index.map(|index| &written.lists[index].1);
        if let Some(position) = list.and_then(|list| list.position_of(item)) {
            return Ok(position);
        }
        let bytes = item.len() + if list.is_none() { name.as_str().len() } else { 0 };
        let lacking = if list.is_none() && written.lists.len() >= limits.lists {
            Some("lists")
        } else if list.map_or(0, List::len) >= limits.list_items {
            Some("list_items")
        } else if self.data.len() + written.list_bytes + bytes > limits.session_bytes {
            Some("session_bytes")
        } else {
            None
        };
        if let Some(limit) = lacking {
            return Err(StoreError::capacity(limit));
        }
        let index = index.unwrap_or_else(|| {
            // Most sessions that have a list have one.
            written.lists.reserve_exact(1);
            written.lists.push((name.clone(), List::default()));
            written.lists.len() - 1
        });
        written.list_bytes += bytes;
        Ok(written.lists[index].1.push(item.take()))
    }

    /// Removes the items of a list before `position`, and returns them.
    pub(super) fn trim(&mut self, name: &ListName, position: u64) -> Vec<Item> {
        let Some(written) = &mut self.written else { return Vec::new() };
        let Some((_, list)) = written.lists.iter_mut().find(|(its, _)| its == name) else {
            return Vec::new();
        };
        let items = list.trim(position);
        written.list_bytes -= items.iter().map(Item::len).sum::<usize>();
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_five_lines_of_the_cache() {
        assert_eq!(size_of::<Entry>(), 5 * 64);
        assert_eq!(std::mem::offset_of!(Entry, hash), 4 * 64);
    }
}
