//! A store that counts what it is asked, and fails when it is told to.

use bytes::Bytes;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::Append;
use request_context::session::Items;
use request_context::session::ListName;
use request_context::session::MemoryStore;
use request_context::session::NewSession;
use request_context::session::Record;
use request_context::session::Rotation;
use request_context::session::SessionInfo;
use request_context::session::SessionStore;
use request_context::session::StoreError;
use request_context::session::StoreFuture;
use request_context::session::Update;
use request_context::session::Version;
use request_context::session::WriteId;
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

type Fault = fn() -> StoreError;

#[derive(Clone, Default)]
pub(crate) struct Watched {
    pub(crate) memory: MemoryStore,
    asked: Arc<AtomicUsize>,
    fault: Arc<Mutex<Option<Fault>>>,
}

impl Watched {
    /// How often it was asked since the last call.
    pub(crate) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn fail(&self, fault: Option<Fault>) {
        *self.fault.lock().unwrap() = fault;
    }

    fn ask<'a, T: 'a>(&'a self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match *self.fault.lock().unwrap() {
            Some(fault) => Box::pin(async move { Err(fault()) }),
            None => answer,
        }
    }
}

impl SessionStore for Watched {
    fn create<'a>(&'a self, id: &'a SessionId, new: NewSession) -> StoreFuture<'a, Record> {
        self.ask(SessionStore::create(&self.memory, id, new))
    }

    fn load<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>> {
        self.ask(SessionStore::load(&self.memory, id))
    }

    fn touch<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>> {
        self.ask(SessionStore::touch(&self.memory, id))
    }

    fn update<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        expected: Version,
        data: Bytes,
        write: WriteId,
    ) -> StoreFuture<'a, Update> {
        self.ask(SessionStore::update(&self.memory, id, owner, expected, data, write))
    }

    fn append<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        item: Bytes,
        write: WriteId,
    ) -> StoreFuture<'a, Append> {
        self.ask(SessionStore::append(&self.memory, id, owner, list, item, write))
    }

    fn range<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        positions: Range<u64>,
    ) -> StoreFuture<'a, Items> {
        self.ask(SessionStore::range(&self.memory, id, owner, list, positions))
    }

    fn trim<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        position: u64,
    ) -> StoreFuture<'a, ()> {
        self.ask(SessionStore::trim(&self.memory, id, owner, list, position))
    }

    fn rotate<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        rotation: Rotation,
    ) -> StoreFuture<'a, Record> {
        self.ask(SessionStore::rotate(&self.memory, id, owner, rotation))
    }

    fn delete<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, bool> {
        self.ask(SessionStore::delete(&self.memory, id))
    }

    fn delete_all_of<'a>(
        &'a self,
        owner: &'a Owner,
        except: Option<&'a SessionId>,
    ) -> StoreFuture<'a, Vec<SessionId>> {
        self.ask(SessionStore::delete_all_of(&self.memory, owner, except))
    }

    fn list_of<'a>(&'a self, owner: &'a Owner) -> StoreFuture<'a, Vec<SessionInfo>> {
        self.ask(SessionStore::list_of(&self.memory, owner))
    }

    fn prune(&self) -> StoreFuture<'_, u64> {
        self.ask(SessionStore::prune(&self.memory))
    }
}
