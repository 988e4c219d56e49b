//! A session begins.

use super::entry::Entry;
use super::entry::Made;
use super::moment::Moment;
use super::owners::Index;
use super::owners::Member;
use super::store::Inner;
use super::store::MemoryStore;
use super::table::Waste;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::NewSession;
use crate::session::Record;
use crate::session::StoreError;

impl MemoryStore {
    /// See [`create`](crate::session::SessionStore::create).
    ///
    /// # Errors
    /// Exists, gone if it is a retry, or the capacities `record_bytes`, `session_bytes`,
    /// `sessions_per_owner` and `sessions`.
    pub fn create(&self, id: &SessionId, new: NewSession) -> Result<Record, StoreError> {
        self.inner.check_record(&new.data)?;
        let new = NewSession { owner: new.owner.without_session(), ..new };
        let is_full = |error: &StoreError| error.limit() == Some("sessions");
        match self.inner.create(id, new.clone()) {
            // What has expired does not count.
            Err(error) if is_full(&error) && self.prune() > 0 => self.inner.create(id, new),
            answer => answer,
        }
    }
}

impl Inner {
    fn create(&self, id: &SessionId, new: NewSession) -> Result<Record, StoreError> {
        let hash = self.hash(id);
        let mut waste = Waste::default();
        let now = self.clock.now();
        let mut index = self.owners.lock(self.owners.hash(&new.owner));
        let is_owner_full =
            index.as_mut().is_some_and(|index| self.is_owner_full(index, &new.owner, now));
        let mut table = self.lock(self.shard_of(hash));
        let answer = if let Some(entry) = table.get(hash, id, now, &mut waste) {
            let is_retry = entry.made() == Made::by(new.write);
            if is_retry { Ok(entry.record(now)) } else { Err(StoreError::exists()) }
        } else if table.is_buried(new.write) {
            Err(StoreError::gone())
        } else if is_owner_full {
            Err(StoreError::capacity("sessions_per_owner"))
        } else {
            let entry = Entry::new(id.clone(), hash, self.next_serial(), new, now);
            let (record, member) = (entry.record(now), Member::of(&entry));
            let expires = entry.expires;
            if table.insert_below(self.limits.sessions, entry, &mut waste) {
                if let Some(index) = &mut index {
                    index.add(member);
                }
                self.wake.due_at(expires);
                Ok(record)
            } else {
                Err(StoreError::capacity("sessions"))
            }
        };
        drop((table, index));
        self.forget(&waste);
        answer
    }

    /// Whether the owner has as many live sessions as an owner may; those that are gone are taken
    /// out of the index before they are counted.
    pub(super) fn is_owner_full(&self, index: &mut Index<'_>, owner: &Owner, now: Moment) -> bool {
        let limit = self.limits.sessions_per_owner;
        if index.len() < limit {
            return false;
        }
        let mut count = 0;
        index.retain(|member| {
            let table = self.lock(self.shard_of(member.hash));
            let live = table.find(member.hash, member.serial).filter(|it| !it.is_expired(now));
            count += usize::from(live.is_some_and(|entry| entry.account.is(owner)));
            live.is_some()
        });
        count >= limit
    }
}

impl Member {
    pub(super) fn of(entry: &Entry) -> Self {
        Self { hash: entry.hash, serial: entry.serial }
    }
}
