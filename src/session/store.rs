//! What a session store does.

use super::error::StoreError;
use super::list_name::ListName;
use super::record::Record;
use super::record::SessionInfo;
use super::record::Version;
use super::timeouts::Timeouts;
use super::write_id::WriteId;
use crate::context::SessionId;
use crate::owner::Owner;
use bytes::Bytes;
use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::time::Duration;

/// The answer of a store, to come.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Where sessions are kept. `testing::store_suite` checks that an implementation keeps to this.
///
/// A store sees [`SessionId`]s only, never a token. Each operation is **atomic**: it has happened or
/// it has not, for everyone at once. One that is cancelled, or that fails
/// [in doubt](StoreError::is_in_doubt), may have happened; asked again with the same [`WriteId`] it
/// happens once, and is answered as if it had been asked once. That is done up to three times, after
/// short pauses, and once by what finds the session of a request, as far as there is time: see
/// [`Sessions::with_operation_timeout`](super::Sessions::with_operation_timeout).
///
/// Nothing brings a session back: what is written to one that is not there, or no longer, fails with
/// [gone](StoreError::is_gone). What names an owner fails with an
/// [owner mismatch](StoreError::is_owner_mismatch), and shows and changes nothing, if the session is
/// somebody else's. An expired session is not there, from the very millisecond on, whether or not its
/// memory was freed. `update`, `append`, `trim` and `touch` count as a use; the rest does not.
///
/// Owners here are without a session: who a session belongs to. One without a user, with a tenant or
/// not, stands for any number of anonymous visitors: no limit counts them together, and `list_of` and
/// `delete_all_of` are not asked of it.
pub trait SessionStore: Send + Sync + 'static {
    /// Makes a session. Fails with [exists](StoreError::is_exists) if there is one of this ID, unless
    /// this very write has made it.
    fn create<'a>(&'a self, id: &'a SessionId, new: NewSession) -> StoreFuture<'a, Record>;

    /// The session, if it is there.
    fn load<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>>;

    /// Uses the session, if it is there: its idle time begins anew, up to the absolute deadline.
    fn touch<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>>;

    /// Writes the data if it is still as in `expected` (compare-and-swap); if not, tells how it is.
    fn update<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        expected: Version,
        data: Bytes,
        write: WriteId,
    ) -> StoreFuture<'a, Update>;

    /// Adds an item at the end of a list. The order is that of the appends; none is lost, and none is
    /// there twice.
    fn append<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        item: Bytes,
        write: WriteId,
    ) -> StoreFuture<'a, Append>;

    /// The items of a list at these positions, as many as there are. A list that nobody has appended
    /// to is empty.
    ///
    /// The answer names the session and the owner as the store has them written down beside the items:
    /// who asked compares, as with a [`Record`], and never takes another session's items for its own.
    fn range<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        positions: Range<u64>,
    ) -> StoreFuture<'a, Items>;

    /// Removes the items of a list before `position`. The others keep theirs.
    fn trim<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        position: u64,
    ) -> StoreFuture<'a, ()>;

    /// Puts a session in the place of `id`, which is gone from then on: the one is there exactly when
    /// the other is not. For the same owner it has the data, the lists, the version and the absolute
    /// deadline; for another one it begins empty and anew.
    fn rotate<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        rotation: Rotation,
    ) -> StoreFuture<'a, Record>;

    /// Deletes the session; whether it was there.
    fn delete<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, bool>;

    /// The session that a rotation has put in the place of `id` for the same owner, if the store still
    /// knows: so that a logout that comes a moment later ends that one. It may be over itself. Of what
    /// it has rotated [`Sessions`](super::Sessions) knows; a store that several of them share should
    /// tell for as long as a request may take.
    fn successor<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<SessionId>> {
        let _ = id;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Deletes all sessions of `owner`, who has a user, but for `except`; which they were.
    ///
    /// In a cluster this is one step for each session, not one for all; a session that is made
    /// meanwhile may stay.
    fn delete_all_of<'a>(
        &'a self,
        owner: &'a Owner,
        except: Option<&'a SessionId>,
    ) -> StoreFuture<'a, Vec<SessionId>>;

    /// The sessions of `owner`, who has a user; the oldest first.
    fn list_of<'a>(&'a self, owner: &'a Owner) -> StoreFuture<'a, Vec<SessionInfo>>;

    /// Frees the memory of what has expired; how many sessions that were. A store that does it by
    /// itself answers 0.
    fn prune(&self) -> StoreFuture<'_, u64>;
}

/// A session to make. `Debug` shows the length of the data only.
#[derive(Clone)]
#[non_exhaustive]
pub struct NewSession {
    /// Who it will belong to, without a session; perhaps nobody.
    pub owner: Owner,
    /// How long it will last.
    pub timeouts: Timeouts,
    /// Its first data.
    pub data: Bytes,
    /// Names the write.
    pub write: WriteId,
}

impl NewSession {
    /// An empty session of `owner`.
    #[must_use]
    pub fn new(owner: Owner, timeouts: Timeouts) -> Self {
        let owner = owner.without_session();
        Self { owner, timeouts, data: Bytes::new(), write: WriteId::new() }
    }

    /// The same, with data.
    #[must_use]
    pub fn with_data(self, data: Bytes) -> Self {
        Self { data, ..self }
    }
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession")
            .field("owner", &self.owner)
            .field("timeouts", &self.timeouts)
            .field("data.bytes", &self.data.len())
            .field("write", &self.write)
            .finish()
    }
}

/// A session to put in the place of another.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rotation {
    /// Its ID.
    pub id: SessionId,
    /// Who it will belong to, without a session.
    pub owner: Owner,
    /// How long it will last, where it begins anew.
    pub timeouts: Timeouts,
    /// Names the write.
    pub write: WriteId,
}

impl Rotation {
    /// A session `id` of `owner`.
    #[must_use]
    pub fn new(id: SessionId, owner: Owner, timeouts: Timeouts) -> Self {
        Self { id, owner: owner.without_session(), timeouts, write: WriteId::new() }
    }
}

/// What came of an [`update`](SessionStore::update).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// The data is written.
    Written(Written),
    /// Somebody else has written meanwhile; this is how it is now. Nothing was changed.
    Conflict(Box<Record>),
}

/// A write that has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The version after it.
    pub version: Version,
    /// The time until the session expires if it is not used again.
    pub expires_in: Duration,
}

impl Written {
    /// What a store answers to a write.
    #[must_use]
    pub fn new(version: Version, expires_in: Duration) -> Self {
        Self { version, expires_in }
    }
}

/// An append that has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Append {
    /// The position of the item in its list, counted from 0 since the session began.
    pub position: u64,
    /// The time until the session expires if it is not used again.
    pub expires_in: Duration,
}

impl Append {
    /// What a store answers to an append.
    #[must_use]
    pub fn new(position: u64, expires_in: Duration) -> Self {
        Self { position, expires_in }
    }
}

/// Items of a list. `Debug` shows how many, and their length in all.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Items {
    /// The session that these are of, as the store has it written down beside them.
    pub id: SessionId,
    /// Who it belongs to, without a session.
    pub owner: Owner,
    /// The position of the first of `items`.
    pub first: u64,
    /// The items, in the order of their appends.
    pub items: Vec<Bytes>,
    /// The position after the last item of the list: that of the next append.
    pub end: u64,
}

impl Items {
    /// What a store answers to a range.
    #[must_use]
    pub fn new(id: SessionId, owner: Owner, first: u64, items: Vec<Bytes>, end: u64) -> Self {
        Self { id, owner, first, items, end }
    }
}

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .field("first", &self.first)
            .field("items.len", &self.items.len())
            .field("items.bytes", &self.items.iter().map(Bytes::len).sum::<usize>())
            .field("end", &self.end)
            .finish()
    }
}
