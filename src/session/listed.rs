//! The lists of a session.

use super::backoff::until_sure;
use super::current::Session;
use super::list_name::ListName;
use super::patience;
use super::session_error::SessionError;
use super::store::Items;
use super::write_id::WriteId;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::Range;

/// Items of a list of a session, as [`Session::range`] reads them. `Debug` shows how many.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed<T> {
    /// The position of the first of `items`.
    pub first: u64,
    /// The items, in the order of their appends.
    pub items: Vec<T>,
    /// The position after the last item of the list: that of the next append.
    pub end: u64,
}

impl<T> fmt::Debug for Listed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listed")
            .field("first", &self.first)
            .field("items.len", &self.items.len())
            .field("end", &self.end)
            .finish()
    }
}

impl Session {
    /// Adds an item at the end of a list, as JSON; its position, counted since the session began. Of
    /// several at once none is lost, and none is there twice.
    ///
    /// # Errors
    /// If the session is over or full, or the store fails. Without a session yet, also [too
    /// late](SessionError::is_too_late).
    ///
    /// # Cancel safety
    /// The item may have been appended.
    ///
    /// ```
    /// use request_context::session::{ListName, Session, SessionError};
    ///
    /// const HISTORY: ListName = ListName::literal("history");
    ///
    /// async fn remember(message: &str) -> Result<Vec<String>, SessionError> {
    ///     let session = Session::current();
    ///     let position = session.append(&HISTORY, &message).await?;
    ///     // The last ten.
    ///     Ok(session.range(&HISTORY, position.saturating_sub(9)..position + 1).await?.items)
    /// }
    /// ```
    pub async fn append<T: Serialize + ?Sized>(
        &self,
        list: &ListName,
        item: &T,
    ) -> Result<u64, SessionError> {
        let item = serde_json::to_vec(item).map_err(|_| SessionError::malformed("a list item"));
        let append = self.append_bytes(list, item?.into());
        patience::writes(self.inner.sessions.operation_timeout, append).await
    }

    /// Apart, so that the future does not hold the item.
    async fn append_bytes(&self, list: &ListName, item: Bytes) -> Result<u64, SessionError> {
        let opened = self.inner.get_or_make().await?;
        opened.check_life()?;
        let store = self.inner.sessions.store();
        let write = WriteId::new();
        let asked = opened.ask();
        let answer =
            until_sure(|| store.append(&opened.id, &opened.owner, list, item.clone(), write));
        let append = opened.judge(answer.await)?;
        opened.used(asked, append.expires_in);
        Ok(append.position)
    }

    /// The items of a list at these positions, as many as there are, read from the store.
    ///
    /// # Errors
    /// If the session is over, an item is [malformed](SessionError::is_malformed), or the store
    /// fails.
    pub async fn range<T: DeserializeOwned>(
        &self,
        list: &ListName,
        positions: Range<u64>,
    ) -> Result<Listed<T>, SessionError> {
        let Some(opened) = self.inner.get()? else {
            return Ok(Listed { first: 0, items: Vec::new(), end: 0 });
        };
        opened.check_life()?;
        let sessions = &self.inner.sessions;
        let range = || sessions.store().range(&opened.id, &opened.owner, list, positions.clone());
        let range = async { opened.judge(until_sure(range).await) };
        let items = patience::reads(sessions.operation_timeout, range).await?;
        opened.check(&items.id, &items.owner)?;
        opened.check_life()?;
        let read = |item: &Bytes| {
            serde_json::from_slice(item).map_err(|_| SessionError::malformed("a list item"))
        };
        let Items { first, items, end, .. } = items;
        let items = items.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Listed { first, items, end })
    }

    /// Removes the items of a list before `position`. The others keep theirs.
    ///
    /// # Errors
    /// If the session is over, or the store fails.
    ///
    /// # Cancel safety
    /// The items may have been removed.
    pub async fn trim(&self, list: &ListName, position: u64) -> Result<(), SessionError> {
        let Some(opened) = self.inner.get()? else { return Ok(()) };
        opened.check_life()?;
        let store = self.inner.sessions.store();
        let trim = || store.trim(&opened.id, &opened.owner, list, position);
        let trim = async { opened.judge(until_sure(trim).await) };
        patience::writes(self.inner.sessions.operation_timeout, trim).await
    }
}
