//! What reads and writes a list of a session.

use super::list::Item;
use super::store::MemoryStore;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::Append;
use crate::session::Items;
use crate::session::ListName;
use crate::session::StoreError;
use crate::session::WriteId;
use bytes::Bytes;
use std::ops::Range;

impl MemoryStore {
    /// See [`append`](crate::session::SessionStore::append).
    ///
    /// # Errors
    /// Gone, owner mismatch, or the capacities `item_bytes`, `lists`, `list_items` and `session_bytes`.
    pub fn append(
        &self,
        id: &SessionId,
        owner: &Owner,
        list: &ListName,
        item: Bytes,
        write: WriteId,
    ) -> Result<Append, StoreError> {
        let limits = self.inner.limits;
        if item.len() > limits.item_bytes {
            return Err(StoreError::capacity("item_bytes"));
        }
        // Whatever is left of it is dropped here, after the lock is released.
        let mut item = Item::new(write, self.inner.hash_of_write(write), item);
        self.inner.with_owned(id, owner, |entry, now, _| {
            let position = entry.append(list, &mut item, &limits)?;
            entry.touch(now);
            Ok(Append::new(position, entry.expires_in(now)))
        })
    }

    /// See [`range`](crate::session::SessionStore::range).
    ///
    /// # Errors
    /// Gone, or owner mismatch.
    pub fn range(
        &self,
        id: &SessionId,
        owner: &Owner,
        list: &ListName,
        positions: Range<u64>,
    ) -> Result<Items, StoreError> {
        self.inner.with_owned(id, owner, |entry, _, _| {
            let found = entry.list(list).map(|list| list.range(positions));
            let (first, items, end) = found.unwrap_or_default();
            Ok(Items::new(entry.id.clone(), entry.account.to_owner(), first, items, end))
        })
    }

    /// See [`trim`](crate::session::SessionStore::trim).
    ///
    /// # Errors
    /// Gone, or owner mismatch.
    pub fn trim(
        &self,
        id: &SessionId,
        owner: &Owner,
        list: &ListName,
        position: u64,
    ) -> Result<(), StoreError> {
        self.inner.with_owned(id, owner, |entry, now, waste| {
            entry.touch(now);
            waste.items = entry.trim(list, position);
            Ok(())
        })
    }
}
