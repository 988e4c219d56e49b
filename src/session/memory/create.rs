//! A session begins.

use super::entry::Entry;
use super::entry::Made;
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
        match self.inner.create(id, &new) {
            // What has expired does not count, whoever prunes it.
            Err(error) if is_full(&error) => {
                self.prune();
                self.inner.create(id, &new)
            }
            answer => answer,
        }
    }
}

impl Inner {
    fn create(&self, id: &SessionId, new: &NewSession) -> Result<Record, StoreError> {
        let hash = self.hash(id);
        let mut waste = Waste::default();
        let mut index = self.owners.lock(self.owners.hash(&new.owner));
        let is_owner_full =
            index.as_mut().is_some_and(|index| self.is_owner_full(index, &new.owner, &mut waste));
        let mut table = self.lock(self.shard_of(hash));
        let now = self.clock.now();
        let answer = if let Some(entry) = table.get(hash, id, now, &mut waste) {
            let is_retry = entry.made() == Made::by(new.write);
            if is_retry { Ok(entry.record(now)) } else { Err(StoreError::exists()) }
        } else if table.graves().is_buried(new.write) {
            Err(StoreError::gone())
        } else if is_owner_full {
            Err(StoreError::capacity("sessions_per_owner"))
        } else {
            let mut entry = Entry::new(id.clone(), hash, self.next_serial(), new, now);
            let (record, member) = (entry.record(now), Member::of(&entry));
            let expires = entry.expires;
            entry.place = index.as_mut().map_or(0, |index| index.add(member));
            if table.insert_below(self.limits.sessions, entry, &mut waste) {
                self.wake.due_at(expires);
                Ok(record)
            } else {
                if let Some(index) = &mut index {
                    index.remove(member.serial);
                }
                Err(StoreError::capacity("sessions"))
            }
        };
        drop((table, index));
        self.forget(&waste);
        answer
    }

    /// Whether the owner has as many live sessions as an owner may; those that are gone are taken
    /// out of the index before they are counted, and those that have expired out of their shard too:
    /// what is there is in the index, at the place that it knows.
    pub(super) fn is_owner_full(
        &self,
        index: &mut Index<'_>,
        owner: &Owner,
        waste: &mut Waste,
    ) -> bool {
        let limit = self.limits.sessions_per_owner;
        if index.len() < limit {
            return false;
        }
        let now = self.clock.now();
        let mut count = 0;
        index.retain(|member| {
            let mut table = self.lock(self.shard_of(member.hash));
            let Some(entry) = table.find(member.hash, member.serial) else { return false };
            if entry.is_expired(now) {
                waste.entries.extend(table.take(member.hash, member.serial, now));
                return false;
            }
            count += usize::from(entry.account.is(owner));
            true
        });
        count >= limit
    }
}

impl Member {
    pub(super) fn of(entry: &Entry) -> Self {
        Self { hash: entry.hash, serial: entry.serial }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Limits;
    use crate::session::Timeouts;
    use std::time::Duration;

    /// Only from inside can the shard be held until somebody waits for it.
    #[tokio::test(start_paused = true)]
    #[expect(clippy::await_holding_lock, reason = "that somebody waits for it is what is tested")]
    #[expect(clippy::disallowed_methods, reason = "no request")]
    async fn who_waits_for_a_shard_while_a_session_expires_finds_it_expired() {
        let store = MemoryStore::new(Limits { sessions_per_owner: 1, ..Limits::default() });
        let ada = Owner::user("ada".parse().unwrap());
        let idle = Duration::from_secs(60);
        let new = NewSession::new(ada.clone(), Timeouts::new(idle, 10 * idle));
        let id: SessionId = "a".parse().unwrap();
        store.create(&id, new).unwrap();

        let shard = store.inner.lock(store.inner.shard_of(store.inner.hash(&id)));
        let (runtime, (waits, is_waiting)) =
            (tokio::runtime::Handle::current(), std::sync::mpsc::channel());
        let touching = std::thread::spawn({
            let (store, id) = (store.clone(), id.clone());
            move || {
                let _clock = runtime.enter();
                waits.send(()).unwrap();
                store.touch(&id).map(|record| record.expires_in)
            }
        });
        is_waiting.recv().unwrap();
        (0..10_000).for_each(|_| std::thread::yield_now());
        tokio::time::advance(idle).await;
        drop(shard);
        assert_eq!(touching.join().unwrap(), None);
    }
}
