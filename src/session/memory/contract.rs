//! The contract of a store, kept by the methods of the same names.

use super::store::MemoryStore;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::Append;
use crate::session::Items;
use crate::session::ListName;
use crate::session::NewSession;
use crate::session::Record;
use crate::session::Rotation;
use crate::session::SessionInfo;
use crate::session::SessionStore;
use crate::session::StoreFuture;
use crate::session::Update;
use crate::session::Version;
use crate::session::WriteId;
use bytes::Bytes;
use std::ops::Range;

/// Each is one step, when it is polled.
impl SessionStore for MemoryStore {
    fn create<'a>(&'a self, id: &'a SessionId, new: NewSession) -> StoreFuture<'a, Record> {
        Box::pin(async move { self.create(id, new) })
    }

    fn load<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move { Ok(self.load(id)) })
    }

    fn touch<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move { Ok(self.touch(id)) })
    }

    fn update<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        expected: Version,
        data: Bytes,
        write: WriteId,
    ) -> StoreFuture<'a, Update> {
        Box::pin(async move { self.update(id, owner, expected, data, write) })
    }

    fn append<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        item: Bytes,
        write: WriteId,
    ) -> StoreFuture<'a, Append> {
        Box::pin(async move { self.append(id, owner, list, item, write) })
    }

    fn range<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        positions: Range<u64>,
    ) -> StoreFuture<'a, Items> {
        Box::pin(async move { self.range(id, owner, list, positions) })
    }

    fn trim<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        position: u64,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.trim(id, owner, list, position) })
    }

    fn rotate<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        rotation: Rotation,
    ) -> StoreFuture<'a, Record> {
        Box::pin(async move { self.rotate(id, owner, rotation) })
    }

    fn delete<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.delete(id)) })
    }

    fn successor<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<SessionId>> {
        Box::pin(async move { Ok(self.successor(id)) })
    }

    fn delete_all_of<'a>(
        &'a self,
        owner: &'a Owner,
        except: Option<&'a SessionId>,
    ) -> StoreFuture<'a, Vec<SessionId>> {
        Box::pin(async move { Ok(self.delete_all_of(owner, except)) })
    }

    fn list_of<'a>(&'a self, owner: &'a Owner) -> StoreFuture<'a, Vec<SessionInfo>> {
        Box::pin(async move { Ok(self.list_of(owner)) })
    }

    fn prune(&self) -> StoreFuture<'_, u64> {
        Box::pin(async move { Ok(self.prune()) })
    }
}
