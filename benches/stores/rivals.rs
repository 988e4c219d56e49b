//! The rivals: tower-sessions' store, moka's cache, and dashmap, which forgets nothing.

use super::DATA;
use super::Store;
use super::id;
use super::now;
use super::scattered;
use bytes::Bytes;
use dashmap::DashMap;
use moka::sync::Cache;
use request_context::SessionId;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tower_sessions::MemoryStore;
use tower_sessions::SessionStore as _;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::Id;
use tower_sessions::session::Record;

/// How many items a list that is written as a whole has at most.
const MOST_ITEMS: usize = 16;

/// Its records are maps of JSON values, and it has no append and no rotation: the one is to load and
/// to save, the other what its `cycle_id` does.
pub struct TowerSessions {
    store: MemoryStore,
    ids: Vec<Id>,
    idle: Duration,
}

pub struct Scratch(Record);

impl Default for Scratch {
    fn default() -> Self {
        let data = String::from_utf8_lossy(DATA).into_owned();
        Self(Record {
            id: Id::default(),
            data: HashMap::from([("data".to_owned(), Value::String(data))]),
            expiry_date: OffsetDateTime::UNIX_EPOCH,
        })
    }
}

impl TowerSessions {
    fn get(&self, id: Id) -> Record {
        let loaded = now(self.store.load(&id)).expect("a store in memory does not fail");
        loaded.expect("the session is there")
    }
}

impl Store for TowerSessions {
    const NAME: &'static str = "tower-sessions";
    const OWN_BYTES: usize = size_of::<Id>();
    type Scratch = Scratch;

    fn new(sessions: usize, idle: Duration) -> Self {
        let store = MemoryStore::default();
        let mut ids = vec![Id(0); sessions];
        let Scratch(mut record) = Scratch::default();
        for number in scattered(sessions) {
            (record.id, record.expiry_date) = (Id::default(), OffsetDateTime::now_utc() + idle);
            now(store.create(&mut record)).expect("a store in memory does not fail");
            ids[number] = record.id;
        }
        Self { store, ids, idle }
    }

    fn load(&self, session: usize) -> bool {
        now(self.store.load(&self.ids[session])).is_ok_and(|record| record.is_some())
    }

    fn update(&self, session: usize, Scratch(record): &mut Scratch) {
        record.id = self.ids[session];
        record.expiry_date = OffsetDateTime::now_utc() + self.idle;
        now(self.store.save(record)).expect("a store in memory does not fail");
    }

    fn append(&self, session: usize, _: &mut Scratch) {
        let mut record = self.get(self.ids[session]);
        let list = record.data.entry("history".to_owned()).or_insert(Value::Array(Vec::new()));
        if let Value::Array(items) = list {
            if items.len() == MOST_ITEMS {
                items.clear();
            }
            items.push(Value::String(String::from_utf8_lossy(DATA).into_owned()));
        }
        record.expiry_date = OffsetDateTime::now_utc() + self.idle;
        now(self.store.save(&record)).expect("a store in memory does not fail");
    }

    fn rotate_twice(&self, session: usize, _: &mut Scratch) {
        let one = self.ids[session];
        let other = Id(one.0 ^ 1);
        for (from, to) in [(one, other), (other, one)] {
            let mut record = self.get(from);
            record.id = to;
            record.expiry_date = OffsetDateTime::now_utc() + self.idle;
            now(self.store.create(&mut record)).expect("a store in memory does not fail");
            now(self.store.delete(&from)).expect("a store in memory does not fail");
        }
    }

    /// It cannot.
    fn expire(&self) {}
}

fn ids(sessions: usize, which: u64) -> Vec<SessionId> {
    (0..sessions).map(|number| id(number, which)).collect()
}

/// A cache that forgets what is idle. What it is full of it would evict, so it is never full here.
pub struct Moka {
    ids: Vec<SessionId>,
    /// What each is rotated to, and back from.
    others: Vec<SessionId>,
    data: Cache<SessionId, Bytes>,
    lists: Cache<SessionId, Arc<Mutex<Vec<Bytes>>>>,
}

impl Store for Moka {
    const NAME: &'static str = "moka";
    const OWN_BYTES: usize = 2 * size_of::<SessionId>();
    type Scratch = ();

    fn new(sessions: usize, idle: Duration) -> Self {
        let [ids, others] = [0, 1].map(|which| ids(sessions, which));
        let data = Cache::builder().time_to_idle(idle).build();
        for number in scattered(sessions) {
            data.insert(ids[number].clone(), Bytes::copy_from_slice(DATA));
        }
        data.run_pending_tasks();
        Self { ids, others, data, lists: Cache::builder().time_to_idle(idle).build() }
    }

    fn load(&self, session: usize) -> bool {
        self.data.get(&self.ids[session]).is_some()
    }

    fn update(&self, session: usize, (): &mut ()) {
        self.data.insert(self.ids[session].clone(), Bytes::copy_from_slice(DATA));
    }

    fn append(&self, session: usize, (): &mut ()) {
        let list = self.lists.get_with_by_ref(&self.ids[session], Arc::default);
        list.lock().expect("no panic").push(Bytes::copy_from_slice(DATA));
    }

    fn rotate_twice(&self, session: usize, (): &mut ()) {
        let (one, other) = (&self.ids[session], &self.others[session]);
        for (from, to) in [(one, other), (other, one)] {
            let data = self.data.remove(from).expect("the session is there");
            self.data.insert(to.clone(), data);
        }
    }

    /// In as many turns as it takes.
    fn expire(&self) {
        while self.data.entry_count() > 0 {
            self.data.run_pending_tasks();
        }
    }
}

/// A map that is bare: no owner, no version, no deadline, no bound.
pub struct Dashmap {
    ids: Vec<SessionId>,
    /// What each is rotated to, and back from.
    others: Vec<SessionId>,
    data: DashMap<SessionId, Bytes>,
    lists: DashMap<SessionId, Vec<Bytes>>,
}

impl Store for Dashmap {
    const NAME: &'static str = "dashmap";
    const OWN_BYTES: usize = 2 * size_of::<SessionId>();
    type Scratch = ();

    fn new(sessions: usize, _: Duration) -> Self {
        let [ids, others] = [0, 1].map(|which| ids(sessions, which));
        let data = DashMap::new();
        for number in scattered(sessions) {
            data.insert(ids[number].clone(), Bytes::copy_from_slice(DATA));
        }
        Self { ids, others, data, lists: DashMap::new() }
    }

    fn load(&self, session: usize) -> bool {
        self.data.get(&self.ids[session]).map(|data| data.clone()).is_some()
    }

    fn update(&self, session: usize, (): &mut ()) {
        self.data.insert(self.ids[session].clone(), Bytes::copy_from_slice(DATA));
    }

    fn append(&self, session: usize, (): &mut ()) {
        let item = Bytes::copy_from_slice(DATA);
        if let Some(mut list) = self.lists.get_mut(&self.ids[session]) {
            list.push(item);
        } else {
            self.lists.insert(self.ids[session].clone(), vec![item]);
        }
    }

    fn rotate_twice(&self, session: usize, (): &mut ()) {
        let (one, other) = (&self.ids[session], &self.others[session]);
        for (from, to) in [(one, other), (other, one)] {
            let (_, data) = self.data.remove(from).expect("the session is there");
            self.data.insert(to.clone(), data);
        }
    }

    /// All that there is, as no value knows its deadline.
    fn expire(&self) {
        self.data.retain(|_, _| false);
    }
}
