//! What reads and writes a list of a session.

use super::list::Item;
use super::list::List;
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
        let item = Item::new(write, self.inner.hash_of_write(write), item);
        self.inner.with_owned(id, owner, |entry, now, waste| {
            let count = entry.lists.len();
            let room = limits.session_bytes.saturating_sub(entry.bytes());
            let length = item.len();
            let found = entry.lists.iter_mut().find(|(name, _)| name == list);
            let position = match found {
                Some((_, list)) => match list.position_of(&item) {
                    Some(position) => {
                        waste.items.push(item);
                        position
                    }
                    None if list.len() >= limits.list_items => {
                        waste.items.push(item);
                        return Err(StoreError::capacity("list_items"));
                    }
                    None if length > room => {
                        waste.items.push(item);
                        return Err(StoreError::capacity("session_bytes"));
                    }
                    None => {
                        entry.list_bytes += length;
                        list.push(item)
                    }
                },
                None if count >= limits.lists => return Err(StoreError::capacity("lists")),
                None if limits.list_items == 0 => return Err(StoreError::capacity("list_items")),
                None if length + list.as_str().len() > room => {
                    return Err(StoreError::capacity("session_bytes"));
                }
                None => {
                    let mut new = List::default();
                    let position = new.push(item);
                    entry.list_bytes += length + list.as_str().len();
                    entry.lists.push((list.clone(), new));
                    position
                }
            };
            entry.touch(now);
            let expires_in = entry.expires.saturating_duration_since(now);
            Ok(Append::new(position, expires_in))
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
            let found = entry.lists.iter().find(|(name, _)| name == list);
            let (first, items, end) =
                found.map(|(_, list)| list.range(positions)).unwrap_or_default();
            Ok(Items::new(entry.id.clone(), entry.owner.clone(), first, items, end))
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
            if let Some((_, list)) = entry.lists.iter_mut().find(|(name, _)| name == list) {
                waste.items = list.trim(position);
                entry.list_bytes -= waste.items.iter().map(Item::len).sum::<usize>();
            }
            Ok(())
        })
    }
}
