//! Sessions in a Redis cluster.

use super::builder::RedisStoreBuilder;
use super::forward::session_store;
use super::keys::owner_text;
use super::link::Effect;
use super::nodes::Nodes;
use super::reply::Reply;
use super::reply::number;
use super::reply::within;
use super::script::Arg;
use super::script::KNOWN_FOR_MS;
use super::script::Script;
use super::scripts_cluster::ARRIVE;
use super::scripts_cluster::CONDEMN;
use super::scripts_cluster::ENTER;
use super::scripts_cluster::ENTRIES;
use super::scripts_cluster::LEAVE;
use super::scripts_cluster::LEFT;
use super::scripts_cluster::MADE_BY;
use super::scripts_cluster::REMOVE;
use super::scripts_cluster::STAY;
use super::scripts_cluster::STRIKE;
use super::scripts_cluster::TAKE_BACK;
use super::scripts_single::CREATE;
use super::session::Sessions;
use super::store::millis;
use super::store::oldest_first;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::NewSession;
use crate::session::Record;
use crate::session::Rotation;
use crate::session::SessionInfo;
use crate::session::StoreError;
use std::sync::Arc;
use std::time::Duration;

/// Sessions in a Redis cluster, which several processes may share.
///
/// Clones are the same store. What holds differs from a server by itself where two slots are
/// concerned: see the [module](super).
#[derive(Clone)]
pub struct RedisClusterStore {
    sessions: Arc<Sessions<Nodes>>,
}

impl RedisClusterStore {
    /// Sets one up: [`RedisStoreBuilder::connect_cluster`] makes it.
    pub fn builder() -> RedisStoreBuilder {
        RedisStoreBuilder::new()
    }

    pub(super) fn new(sessions: Sessions<Nodes>) -> Self {
        Self { sessions: Arc::new(sessions) }
    }

    async fn call(
        &self,
        script: &Script,
        key: &[u8],
        args: &[Arg<'_>],
        effect: Effect,
    ) -> Result<Reply, StoreError> {
        self.sessions.link.call(script, &[key], args, effect).await
    }

    /// First the index, so that it has every session that is there.
    async fn make(&self, id: &SessionId, new: NewSession) -> Result<Record, StoreError> {
        let Sessions { keys, limits, .. } = &*self.sessions;
        within(new.data.len(), limits.record_bytes, "record_bytes")?;
        let owner = owner_text(&new.owner);
        self.enter(&owner, id, new.timeouts.absolute(), limits.sessions_per_owner).await?;
        let args = [
            id.as_str().into(),
            owner.as_str().into(),
            Arg::Number(millis(new.timeouts.idle())),
            Arg::Number(millis(new.timeouts.absolute())),
            Arg::Bytes(&new.data),
            Arg::Bytes(&new.write.to_bytes()),
        ];
        self.call(&CREATE, &keys.session(id), &args, Effect::Write).await?.record(id)
    }

    /// The old one is gone first; then the new one is there; then the old one's memory is freed. Each
    /// step may be taken again.
    async fn replace(
        &self,
        id: &SessionId,
        owner: &Owner,
        rotation: Rotation,
    ) -> Result<Record, StoreError> {
        let Sessions { keys, limits, .. } = &*self.sessions;
        let (owner, next) = (owner_text(owner), owner_text(&rotation.owner));
        let (old, new) = (keys.session(id), keys.session(&rotation.id));
        let (write, same) = (rotation.write.to_bytes(), owner == next);
        if id == &rotation.id {
            return Err(self.refusal(id, &owner).await);
        }
        if !same {
            let limit = limits.sessions_per_owner;
            self.enter(&next, &rotation.id, rotation.timeouts.absolute(), limit).await?;
        }
        let args = [owner.as_str().into(), Arg::Bytes(&write), Arg::Number(same.into())];
        let taken_back = [Arg::Bytes(&write), Arg::Number(KNOWN_FOR_MS)];
        let mut leave = match self.call(&LEAVE, &old, &args, Effect::Write).await {
            Err(error) if error.is_gone() => {
                // Perhaps deleted on its way: so is what came of it.
                self.call(&TAKE_BACK, &new, &taken_back, Effect::Write).await?;
                return Err(error);
            }
            leave => leave?,
        };
        let left = leave.duration()?;
        if left.is_zero() {
            // Either this rotation has happened before, or there was nothing to rotate.
            let made = self.call(&MADE_BY, &new, &[Arg::Bytes(&write)], Effect::None).await;
            return made?.record(&rotation.id);
        }
        let all = leave.bytes()?;
        let stays = if same { left } else { rotation.timeouts.absolute() };
        if same {
            self.enter(&next, &rotation.id, stays, usize::MAX).await?;
        }
        let args = [
            rotation.id.as_str().into(),
            next.as_str().into(),
            Arg::Number(millis(rotation.timeouts.idle())),
            Arg::Number(millis(rotation.timeouts.absolute())),
            Arg::Bytes(&write),
            Arg::Bytes(&all),
        ];
        let arrived = self.call(&ARRIVE, &new, &args, Effect::Write).await;
        if arrived.as_ref().is_err_and(StoreError::is_exists) {
            self.call(&STAY, &old, &[Arg::Bytes(&write)], Effect::Write).await?;
        }
        let mut arrived = arrived?;
        let record = arrived.record(&rotation.id)?;
        if arrived.number()? == 1 {
            self.enter(&next, &rotation.id, stays, usize::MAX).await?;
        }
        let successor = if same { rotation.id.as_str() } else { "" };
        let left = [Arg::Bytes(&write), Arg::Number(KNOWN_FOR_MS), successor.into()];
        if self.call(&LEFT, &old, &left, Effect::Write).await?.number()? == 0 {
            self.call(&TAKE_BACK, &new, &taken_back, Effect::Write).await?;
            return Err(StoreError::gone());
        }
        self.strike(&owner, &[id]).await?;
        Ok(record)
    }

    /// Why a session cannot be put in its own place.
    async fn refusal(&self, id: &SessionId, owner: &str) -> StoreError {
        match self.sessions.load(id).await {
            Ok(Some(record)) if owner_text(&record.owner) == owner => StoreError::exists(),
            Ok(Some(_)) => StoreError::owner_mismatch(),
            Ok(None) => StoreError::gone(),
            Err(error) => error,
        }
    }

    /// Enters the ID into the index of its owner, unless that is nobody.
    async fn enter(
        &self,
        owner: &str,
        id: &SessionId,
        stays: Duration,
        limit: usize,
    ) -> Result<(), StoreError> {
        if owner.is_empty() {
            return Ok(());
        }
        let stays = millis(stays) + KNOWN_FOR_MS;
        let args = [id.as_str().into(), Arg::Number(stays), Arg::Number(number(limit))];
        let index = self.sessions.keys.index(owner);
        match self.call(&ENTER, &index, &args, Effect::Write).await {
            Err(error) if error.is_capacity() => {
                self.sweep(owner).await?;
                self.call(&ENTER, &index, &args, Effect::Write).await.map(drop)
            }
            entered => entered.map(drop),
        }
    }

    /// Strikes from the index what is not there, and sees to it that it will not come.
    async fn sweep(&self, owner: &str) -> Result<(), StoreError> {
        let mut dead = Vec::new();
        for id in self.entries(owner).await? {
            let is_dead = match self.sessions.load(&id).await? {
                Some(record) => owner_text(&record.owner) != owner,
                None => {
                    let (key, known) =
                        (self.sessions.keys.session(&id), [Arg::Number(KNOWN_FOR_MS)]);
                    self.call(&CONDEMN, &key, &known, Effect::Write).await?.number()? == 1
                }
            };
            if is_dead {
                dead.push(id);
            }
        }
        self.strike(owner, &dead.iter().collect::<Vec<_>>()).await
    }

    async fn entries(&self, owner: &str) -> Result<Vec<SessionId>, StoreError> {
        let index = self.sessions.keys.index(owner);
        let mut reply = self.call(&ENTRIES, &index, &[], Effect::None).await?;
        (0..reply.rest()).map(|_| reply.id()).collect()
    }

    async fn strike(&self, owner: &str, ids: &[&SessionId]) -> Result<(), StoreError> {
        if owner.is_empty() || ids.is_empty() {
            return Ok(());
        }
        let args: Vec<_> = ids.iter().map(|id| id.as_str().into()).collect();
        self.call(&STRIKE, &self.sessions.keys.index(owner), &args, Effect::Write).await.map(drop)
    }

    async fn remove(&self, id: &SessionId) -> Result<bool, StoreError> {
        self.remove_of("*", id).await
    }

    /// Of this owner, or of anyone: `*`.
    async fn remove_of(&self, owner: &str, id: &SessionId) -> Result<bool, StoreError> {
        let args = [owner.into(), Arg::Number(KNOWN_FOR_MS)];
        let key = self.sessions.keys.session(id);
        let mut reply = self.call(&REMOVE, &key, &args, Effect::Write).await?;
        let was_there = reply.number()? == 1;
        if was_there {
            self.strike(&reply.text()?, &[id]).await?;
        }
        Ok(was_there)
    }

    async fn remove_all(
        &self,
        owner: &Owner,
        except: Option<&SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        let owner = owner_text(owner);
        let mut removed = Vec::new();
        for id in self.entries(&owner).await? {
            if Some(&id) != except && self.remove_of(&owner, &id).await? {
                removed.push(id);
            }
        }
        Ok(removed)
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<SessionInfo>, StoreError> {
        let owner = owner.clone().without_session();
        let mut infos = Vec::new();
        for id in self.entries(&owner_text(&owner)).await? {
            let record = self.sessions.load(&id).await?;
            if let Some(record) = record.filter(|record| record.owner == owner) {
                infos.push(SessionInfo::new(id, record.age, record.expires_in));
            }
        }
        oldest_first(&mut infos);
        Ok(infos)
    }
}

session_store!(RedisClusterStore);
