//! What each rule works with: a store, fresh names, and the calls in short.

use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::fails;
use super::fault::holds;
use super::harness::StoreHarness;
use crate::context::RequestId;
use crate::context::SessionId;
use crate::context::UserId;
use crate::owner::Owner;
use crate::session::Items;
use crate::session::Limits;
use crate::session::ListName;
use crate::session::NewSession;
use crate::session::Record;
use crate::session::Rotation;
use crate::session::SessionStore;
use crate::session::StoreError;
use crate::session::Timeouts;
use crate::session::Update;
use crate::session::Version;
use crate::session::WriteId;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

pub(super) struct Desk<'a> {
    harness: &'a dyn StoreHarness,
    store: Arc<dyn SessionStore>,
}

impl<'a> Desk<'a> {
    pub(super) async fn new(harness: &'a dyn StoreHarness) -> Self {
        Self { harness, store: harness.store(Limits::default()).await }
    }

    /// The same harness, and a store of these limits.
    pub(super) async fn with(&self, limits: Limits) -> Desk<'a> {
        Desk { harness: self.harness, store: self.harness.store(limits).await }
    }

    pub(super) fn harness(&self) -> &'a dyn StoreHarness {
        self.harness
    }

    pub(super) fn store(&self) -> Arc<dyn SessionStore> {
        Arc::clone(&self.store)
    }

    pub(super) async fn pass(&self, time: Duration) {
        self.harness.pass(time).await;
    }

    /// A time that is long for the harness, but not very.
    pub(super) fn while_(&self) -> Duration {
        (self.harness.tolerance() * 4).max(Duration::from_millis(40))
    }

    pub(super) fn somebody(&self) -> Result<Owner, StoreFault> {
        Ok(Owner::user(named::<UserId>(&format!("suite-{}", RequestId::new()))?))
    }

    pub(super) fn id(&self) -> Result<SessionId, StoreFault> {
        named(&format!("suite-{}", RequestId::new()))
    }

    /// A fresh session of `owner`.
    pub(super) async fn session(&self, owner: &Owner) -> Result<SessionId, StoreFault> {
        self.session_of(owner, Timeouts::default()).await
    }

    pub(super) async fn session_of(
        &self,
        owner: &Owner,
        timeouts: Timeouts,
    ) -> Result<SessionId, StoreFault> {
        let id = self.id()?;
        self.store.create(&id, NewSession::new(owner.clone(), timeouts)).await?;
        Ok(id)
    }

    /// The record of a session that must be there.
    pub(super) async fn record(&self, id: &SessionId) -> Result<Record, StoreFault> {
        self.store.load(id).await?.ok_or_else(|| StoreFault::new("a session is lost".to_owned()))
    }

    pub(super) async fn is_there(&self, id: &SessionId) -> Result<bool, StoreFault> {
        Ok(self.store.load(id).await?.is_some())
    }

    /// A write of the data that succeeds.
    pub(super) async fn write(
        &self,
        id: &SessionId,
        owner: &Owner,
        data: &'static str,
    ) -> Result<Version, StoreFault> {
        let version = self.record(id).await?.version;
        match self.store.update(id, owner, version, data.into(), WriteId::new()).await? {
            Update::Written(written) => Ok(written.version),
            Update::Conflict(now) => {
                Err(StoreFault::new(format!("a conflict where nobody else writes: {now:?}")))
            }
        }
    }

    pub(super) async fn append(
        &self,
        id: &SessionId,
        owner: &Owner,
        item: impl Into<Bytes>,
    ) -> Result<u64, StoreFault> {
        let appended = self.store.append(id, owner, &list()?, item.into(), WriteId::new()).await?;
        Ok(appended.position)
    }

    /// All items of the list.
    pub(super) async fn items(&self, id: &SessionId, owner: &Owner) -> Result<Items, StoreFault> {
        Ok(self.store.range(id, owner, &list()?, 0..u64::MAX).await?)
    }

    /// That the session is not there for any operation, and that none brings it back.
    pub(super) async fn is_gone(&self, id: &SessionId, owner: &Owner, why: &str) -> Outcome {
        let (store, list, next) = (&self.store, list()?, self.id()?);
        let first = Version::FIRST;
        holds!(!self.is_there(id).await?, "{why}: `load` gives it");
        holds!(store.touch(id).await?.is_none(), "{why}: `touch` gives it");
        for version in [first, first.next(), first.next().next()] {
            let update = store.update(id, owner, version, Bytes::new(), WriteId::new()).await;
            fails!(update, is_gone, "{why}: `update` of it is gone");
        }
        let append = store.append(id, owner, &list, Bytes::new(), WriteId::new()).await;
        fails!(append, is_gone, "{why}: `append` to it is gone");
        fails!(store.range(id, owner, &list, 0..9).await, is_gone, "{why}: `range` of it is gone");
        fails!(store.trim(id, owner, &list, 1).await, is_gone, "{why}: `trim` of it is gone");
        let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
        fails!(store.rotate(id, owner, rotation).await, is_gone, "{why}: `rotate` of it is gone");
        holds!(!self.is_there(&next).await?, "{why}: `rotate` put a session in its place");
        holds!(!store.delete(id).await?, "{why}: `delete` finds it");
        let listed = store.list_of(owner).await?;
        holds!(listed.iter().all(|info| info.id != *id), "{why}: `list_of` has it");
        holds!(!self.is_there(id).await?, "{why}: an operation has brought it back");
        Ok(())
    }
}

/// The name of the list of most rules.
pub(super) fn list() -> Result<ListName, StoreFault> {
    named("history")
}

pub(super) fn named<T: std::str::FromStr>(text: &str) -> Result<T, StoreFault> {
    text.parse().map_err(|_| StoreFault::new(format!("`{text}` is taken for no name")))
}

/// That the call fails because this limit is reached.
pub(super) fn is_full<T>(call: Result<T, StoreError>, limit: &str) -> Outcome {
    match call {
        Err(error) if error.limit() == Some(limit) => Ok(()),
        Err(error) => Err(StoreFault::new(format!("beyond `{limit}` it fails by: {error}"))),
        Ok(_) => Err(StoreFault::new(format!("it goes beyond `{limit}`"))),
    }
}
