//! The store: its shards, and what reads and writes one session.

use super::entry::Entry;
use super::moment::Clock;
use super::moment::Moment;
use super::owners::Owners;
use super::sweeper::Wake;
use super::table::Expired;
use super::table::Table;
use super::table::Waste;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::Limits;
use crate::session::Record;
use crate::session::SessionInfo;
use crate::session::StoreError;
use crate::session::Update;
use crate::session::Version;
use crate::session::WriteId;
use bytes::Bytes;
use hashbrown::DefaultHashBuilder;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// Many, so that a table that grows is a small one, and threads rarely meet.
const SHARDS: usize = 128;

/// How many expired sessions an operation on a shard takes along.
const EXPIRED_PER_OPERATION: usize = 4;

/// Sessions in the memory of this process, on tokio's clock. A clone is the same store.
///
/// Everything that the [contract](crate::session::SessionStore) asks is exact: expiry also under a
/// paused clock, the [`Limits`], and what is atomic. Each operation is a method too, which answers
/// at once. Data is dropped when the session is deleted or rotated to another owner; when it expires,
/// by the next operations that pass by, by [`prune`](Self::prune), or at once by a
/// [`sweeper`](Self::sweeper). Of an update the last 32 of its session are known by their
/// [`WriteId`] if they are retried; of an append all whose items are there, and the last 1,024 trimmed;
/// a create whose session is gone again for a minute, as one of the last 256 such in its shard. What a
/// session was rotated to for the same owner is known for two minutes, of the last 1,024 rotations in
/// a shard; there are 128.
///
/// `Debug` prints counts.
///
/// ```
/// use request_context::owner::Owner;
/// use request_context::session::{MemoryStore, NewSession, SessionToken, Timeouts};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::default();
/// tokio::spawn(store.sweeper());
///
/// let id = SessionToken::new()?.session_id();
/// let ada = Owner::user("ada".parse()?);
/// store.create(&id, NewSession::new(ada.clone(), Timeouts::default()))?;
/// assert_eq!(store.load(&id).unwrap().owner, ada);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    shards: Box<[Shard]>,
    count: Arc<AtomicUsize>,
    pub(super) owners: Owners,
    pub(super) limits: Limits,
    /// Keyed anew in each store, since somebody may choose what an ID is made of; cheap, since what
    /// stands here usually is the hash of a token.
    random: DefaultHashBuilder,
    pub(super) clock: Clock,
    serials: AtomicU64,
    most_expired: AtomicUsize,
    pub(super) wake: Arc<Wake>,
}

/// Apart from its neighbours by a cache line and the one that is fetched with it.
#[repr(align(128))]
struct Shard(Mutex<Table>);

impl MemoryStore {
    /// How many expired sessions are removed at most while a lock is held.
    pub const EXPIRED_PER_LOCK: usize = 256;

    /// A store of these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let count = Arc::new(AtomicUsize::new(0));
        let shard = |_| Shard(Mutex::new(Table::new(Arc::clone(&count))));
        let inner = Inner {
            shards: (0..SHARDS).map(shard).collect(),
            count: Arc::clone(&count),
            owners: Owners::new(SHARDS),
            limits,
            random: DefaultHashBuilder::default(),
            clock: Clock::new(),
            serials: AtomicU64::new(0),
            most_expired: AtomicUsize::new(0),
            wake: Arc::new(Wake::new()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The sessions in memory, those included that have expired and are not freed yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.count.load(Ordering::Acquire)
    }

    /// Whether there is no session in memory.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most expired sessions that were ever removed while one lock was held:
    /// [`EXPIRED_PER_LOCK`](Self::EXPIRED_PER_LOCK) at most.
    #[must_use]
    pub fn most_expired_per_lock(&self) -> usize {
        self.inner.most_expired.load(Ordering::Acquire)
    }

    /// See [`load`](crate::session::SessionStore::load).
    #[must_use]
    pub fn load(&self, id: &SessionId) -> Option<Record> {
        self.inner.with(id, |entry, now, _| entry.map(|entry| entry.record(now)))
    }

    /// See [`touch`](crate::session::SessionStore::touch).
    #[must_use = "a session that is not there is not touched"]
    pub fn touch(&self, id: &SessionId) -> Option<Record> {
        self.inner.with(id, |entry, now, _| {
            let entry = entry?;
            entry.touch(now);
            Some(entry.record(now))
        })
    }

    /// See [`update`](crate::session::SessionStore::update).
    ///
    /// # Errors
    /// Gone, owner mismatch, or the capacities `record_bytes` and `session_bytes`.
    pub fn update(
        &self,
        id: &SessionId,
        owner: &Owner,
        expected: Version,
        mut data: Bytes,
        write: WriteId,
    ) -> Result<Update, StoreError> {
        self.inner.check_record(&data)?;
        self.inner.with_owned(id, owner, |entry, now, waste| {
            let (update, before) =
                entry.update(expected, &mut data, write, now, &self.inner.limits);
            waste.data = before;
            update
        })
    }

    /// See [`delete`](crate::session::SessionStore::delete).
    #[must_use = "tells whether the session was there"]
    pub fn delete(&self, id: &SessionId) -> bool {
        let hash = self.inner.hash(id);
        self.inner.in_shard(hash, |table, now, waste| {
            let Some(serial) = table.get(hash, id, now, waste).map(|entry| entry.serial) else {
                return false;
            };
            waste.entries.extend(table.take(hash, serial, now));
            true
        })
    }

    /// See [`delete_all_of`](crate::session::SessionStore::delete_all_of). It is one step for all.
    #[must_use = "tells which sessions were there"]
    pub fn delete_all_of(&self, owner: &Owner, except: Option<&SessionId>) -> Vec<SessionId> {
        let inner = &*self.inner;
        let mut waste = Waste::default();
        let Some(mut index) = inner.owners.lock(inner.owners.hash(owner)) else {
            return Vec::new();
        };
        let mut tables = inner.lock_all(index.members().map(|member| member.hash));
        let now = inner.clock.now();
        let mut deleted = Vec::new();
        index.retain(|member| {
            let Some(table) = tables.get_mut(&inner.shard_of(member.hash)) else { return true };
            match table.find(member.hash, member.serial) {
                None => false,
                Some(entry) if !entry.account.is(owner) || Some(&entry.id) == except => true,
                Some(entry) => {
                    deleted.extend((!entry.is_expired(now)).then(|| entry.id.clone()));
                    waste.entries.extend(table.take(member.hash, member.serial, now));
                    false
                }
            }
        });
        drop((tables, index));
        deleted
    }

    /// See [`list_of`](crate::session::SessionStore::list_of).
    #[must_use]
    pub fn list_of(&self, owner: &Owner) -> Vec<SessionInfo> {
        let inner = &*self.inner;
        let Some(index) = inner.owners.lock(inner.owners.hash(owner)) else { return Vec::new() };
        let tables = inner.lock_all(index.members().map(|member| member.hash));
        let now = inner.clock.now();
        let live = index.members().filter_map(|member| {
            let table = tables.get(&inner.shard_of(member.hash))?;
            let entry = table.find(member.hash, member.serial)?;
            (entry.account.is(owner) && !entry.is_expired(now)).then_some(entry)
        });
        let mut infos: Vec<_> = live
            .map(|entry| {
                let age = now.since(entry.began());
                SessionInfo::new(entry.id.clone(), age, entry.expires_in(now))
            })
            .collect();
        infos.sort_by_key(|info| std::cmp::Reverse(info.age));
        infos
    }

    /// Frees the memory of what has expired, a few at a time; how many sessions that were.
    #[expect(clippy::must_use_candidate, reason = "the count is a by-product")]
    pub fn prune(&self) -> u64 {
        let mut removed = 0;
        for shard in 0..SHARDS {
            loop {
                let expired = self.inner.expire(shard);
                removed += expired.removed as u64;
                if !expired.is_more {
                    break;
                }
            }
        }
        removed
    }
}

impl Inner {
    #[inline]
    pub(super) fn hash(&self, id: &SessionId) -> u64 {
        self.random.hash_one(id)
    }

    pub(super) fn hash_of_write(&self, write: WriteId) -> u64 {
        self.random.hash_one(write)
    }

    pub(super) fn next_serial(&self) -> u64 {
        self.serials.fetch_add(1, Ordering::Relaxed)
    }

    /// The shard of a hash, by bits that its table does not look at first.
    pub(super) fn shard_of(&self, hash: u64) -> usize {
        (hash >> 40) as usize % SHARDS
    }

    pub(super) fn shards(&self) -> usize {
        self.shards.len()
    }

    #[inline]
    pub(super) fn lock(&self, shard: usize) -> MutexGuard<'_, Table> {
        self.shards[shard].0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the shards of these hashes, in their order.
    pub(super) fn lock_all(
        &self,
        hashes: impl Iterator<Item = u64>,
    ) -> BTreeMap<usize, MutexGuard<'_, Table>> {
        let mut shards: Vec<_> = hashes.map(|hash| self.shard_of(hash)).collect();
        shards.sort_unstable();
        shards.dedup();
        shards.into_iter().map(|shard| (shard, self.lock(shard))).collect()
    }

    #[inline]
    fn in_shard<R>(&self, hash: u64, f: impl FnOnce(&mut Table, Moment, &mut Waste) -> R) -> R {
        let mut waste = Waste::default();
        let mut table = self.lock(self.shard_of(hash));
        // Under the lock: what others have found expired meanwhile has expired for this one too.
        let now = self.clock.now();
        table.expire(now, EXPIRED_PER_OPERATION, &mut waste);
        let result = f(&mut table, now, &mut waste);
        drop(table);
        self.forget(&waste);
        result
    }

    /// Takes what was taken out of the shards out of the index too. No lock may be held: the caller
    /// drops it next.
    #[inline]
    pub(super) fn forget(&self, waste: &Waste) {
        for entry in &waste.entries {
            if let Some(mut index) = self.owners.lock(self.owners.hash_of_account(&entry.account)) {
                index.remove(entry.serial);
            }
        }
    }

    #[inline]
    pub(super) fn with<R>(
        &self,
        id: &SessionId,
        f: impl FnOnce(Option<&mut Entry>, Moment, &mut Waste) -> R,
    ) -> R {
        let hash = self.hash(id);
        self.in_shard(hash, |table, now, waste| {
            let entry = table.get(hash, id, now, waste);
            f(entry, now, waste)
        })
    }

    pub(super) fn with_owned<R>(
        &self,
        id: &SessionId,
        owner: &Owner,
        f: impl FnOnce(&mut Entry, Moment, &mut Waste) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        self.with(id, |entry, now, waste| {
            let entry = entry.ok_or_else(StoreError::gone)?;
            if !entry.account.is(owner) {
                return Err(StoreError::owner_mismatch());
            }
            f(entry, now, waste)
        })
    }

    pub(super) fn check_record(&self, data: &Bytes) -> Result<(), StoreError> {
        if data.len() > self.limits.record_bytes {
            return Err(StoreError::capacity("record_bytes"));
        }
        if data.len() > self.limits.session_bytes {
            return Err(StoreError::capacity("session_bytes"));
        }
        Ok(())
    }

    /// Takes out what has expired in a shard, as much as one lock may.
    pub(super) fn expire(&self, shard: usize) -> Expired {
        let mut waste = Waste::default();
        let mut table = self.lock(shard);
        let expired = table.expire(self.clock.now(), MemoryStore::EXPIRED_PER_LOCK, &mut waste);
        drop(table);
        self.most_expired.fetch_max(expired.removed, Ordering::AcqRel);
        self.forget(&waste);
        expired
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("sessions", &self.len())
            .field("owners", &self.inner.owners.len())
            .finish()
    }
}
