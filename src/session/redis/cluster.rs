//! Sessions in a Redis cluster.

use super::builder::RedisStoreBuilder;
use super::forward::session_store;
use super::keys::is_listed;
use super::keys::owner_text;
use super::link::Effect;
use super::nodes::Nodes;
use super::reply::Reply;
use super::reply::Status;
use super::reply::within;
use super::script::Arg;
use super::script::KNOWN_FOR_MS;
use super::script::Script;
use super::scripts_cluster::ARRIVE;
use super::scripts_cluster::BEGIN_ERA;
use super::scripts_cluster::INFO;
use super::scripts_cluster::LEAVE;
use super::scripts_cluster::LEAVING;
use super::scripts_cluster::LEFT;
use super::scripts_cluster::MADE_BY;
use super::scripts_cluster::REMOVE;
use super::scripts_cluster::STAY;
use super::scripts_cluster::TAKE_BACK;
use super::scripts_single::CREATE;
use super::session::Sessions;
use super::store::millis;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::NewSession;
use crate::session::Record;
use crate::session::Rotation;
use crate::session::SessionInfo;
use crate::session::StoreError;
use std::sync::Arc;

/// How often something is begun again because all of the owner was deleted meanwhile.
const TRIES: usize = 4;

const DELETED_ON_AND_ON: &str = "all of the owner is deleted again and again";

/// For how long an era is remembered at least: no call that was begun before lasts so long.
const ERA_KNOWN_FOR_MS: u64 = 3_600_000;

/// What the tries of one rotation have come to know.
#[derive(Default)]
struct Tried {
    /// The old session was there.
    was_there: bool,
    /// The score that the new one's entry has to be above.
    above: u64,
}

/// Sessions in a Redis cluster, which several processes may share.
///
/// Clones are the same store. What holds differs from a server by itself where two slots are
/// concerned: see the [module](super).
#[derive(Clone)]
pub struct RedisClusterStore {
    pub(super) sessions: Arc<Sessions<Nodes>>,
}

impl RedisClusterStore {
    /// Sets one up: [`RedisStoreBuilder::connect_cluster`] makes it.
    pub fn builder() -> RedisStoreBuilder {
        RedisStoreBuilder::new()
    }

    pub(super) fn new(sessions: Sessions<Nodes>) -> Self {
        Self { sessions: Arc::new(sessions) }
    }

    pub(super) async fn call(
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
        within(new.data.len(), limits.session_bytes, "session_bytes")?;
        let (owner, limit) = (owner_text(&new.owner), limits.sessions_per_owner);
        for _ in 0..TRIES {
            let entry = self.enter(&owner, id, new.timeouts.absolute(), limit, None, 0).await?;
            let args = [
                id.as_str().into(),
                owner.as_str().into(),
                Arg::Number(millis(new.timeouts.idle())),
                Arg::Number(millis(new.timeouts.absolute())),
                Arg::Bytes(&new.data),
                Arg::Bytes(&new.write.to_bytes()),
                Arg::Number(0),
                "".into(),
                Arg::Number(entry.era),
                Arg::Number(entry.score),
            ];
            let mut made = self.call(&CREATE, &keys.session(id), &args, Effect::Write).await?;
            if made.status() != Status::Late {
                return made.record(id);
            }
        }
        Err(StoreError::in_doubt(DELETED_ON_AND_ON))
    }

    /// The new one is entered; the old one is gone; then the new one is there; then the old one's
    /// memory is freed. Each step may be taken again.
    async fn replace(
        &self,
        id: &SessionId,
        owner: &Owner,
        rotation: Rotation,
    ) -> Result<Record, StoreError> {
        let (owner, next) = (owner_text(owner), owner_text(&rotation.owner));
        if id == &rotation.id {
            return Err(self.refusal(id, &owner).await);
        }
        let mut tried = Tried::default();
        for _ in 0..TRIES {
            let moved = self.replace_once(id, &owner, &next, &rotation, &mut tried).await;
            if let Some(record) = moved.transpose() {
                return record;
            }
        }
        Err(StoreError::in_doubt(DELETED_ON_AND_ON))
    }

    /// `None` if all of the next owner was deleted meanwhile, or the new session struck from the index: to
    /// be begun again.
    async fn replace_once(
        &self,
        id: &SessionId,
        owner: &str,
        next: &str,
        rotation: &Rotation,
        tried: &mut Tried,
    ) -> Result<Option<Record>, StoreError> {
        let Sessions { keys, limits, .. } = &*self.sessions;
        let (old, new) = (keys.session(id), keys.session(&rotation.id));
        let (write, same) = (rotation.write.to_bytes(), owner == next);
        let (limit, replaced) =
            if same { (usize::MAX, Some(id)) } else { (limits.sessions_per_owner, None) };
        let absolute = rotation.timeouts.absolute();
        let entered = self.enter(next, &rotation.id, absolute, limit, replaced, tried.above).await;
        let entry = match entered {
            Err(error) => return Err(self.not_entered(&old, &write, tried.was_there, error).await),
            Ok(entry) => entry,
        };
        let args = [
            owner.into(),
            Arg::Bytes(&write),
            Arg::Number(same.into()),
            Arg::Number(if same { entry.oldest } else { 0 }),
            rotation.id.as_str().into(),
        ];
        let mut leave = match self.call(&LEAVE, &old, &args, Effect::Write).await {
            Err(error) if error.is_gone() || error.is_owner_mismatch() => {
                // Perhaps deleted on its way: so is what came of it.
                self.take_back(next, &rotation.id, &write).await?;
                return Err(error);
            }
            leave => leave?,
        };
        if leave.duration()?.is_zero() {
            // Either this rotation has happened before, or there was nothing to rotate.
            let made = self.call(&MADE_BY, &new, &[Arg::Bytes(&write)], Effect::None).await;
            if made.as_ref().is_err_and(StoreError::is_gone) {
                self.take_back(next, &rotation.id, &write).await?;
            }
            return made?.record(&rotation.id).map(Some);
        }
        let all = leave.bytes()?;
        tried.was_there |= leave.number()? == 1;
        let args = [
            rotation.id.as_str().into(),
            next.into(),
            Arg::Number(millis(rotation.timeouts.idle())),
            Arg::Number(millis(absolute)),
            Arg::Bytes(&write),
            Arg::Bytes(&all),
            Arg::Number(entry.era),
            Arg::Number(entry.score),
        ];
        let mut arrived = match self.call(&ARRIVE, &new, &args, Effect::Write).await {
            Err(error) => return Err(self.stay(&old, &write, tried.was_there, error).await),
            Ok(mut late) if late.status() == Status::Late => {
                tried.above = late.number()?;
                return Ok(None);
            }
            Ok(arrived) => arrived,
        };
        let record = arrived.record(&rotation.id)?;
        let successor = if same { rotation.id.as_str() } else { "" };
        let known = [Arg::Bytes(&write), Arg::Number(KNOWN_FOR_MS), successor.into()];
        if self.call(&LEFT, &old, &known, Effect::Write).await?.number()? == 0 {
            self.take_back(next, &rotation.id, &write).await?;
            return Err(StoreError::gone());
        }
        self.strike(owner, &[id]).await?;
        Ok(Some(record))
    }

    /// What to answer when the new session is not entered: an earlier try may have taken the old one
    /// away.
    async fn not_entered(
        &self,
        old: &[u8],
        write: &[u8],
        was_there: bool,
        refused: StoreError,
    ) -> StoreError {
        let leaving = self.call(&LEAVING, old, &[Arg::Bytes(write)], Effect::None).await;
        match leaving.and_then(|mut reply| reply.number()) {
            Ok(0) => refused,
            Ok(_) => self.stay(old, write, was_there, refused).await,
            Err(_) => StoreError::in_doubt(refused),
        }
    }

    /// Puts the old session back, since the new one is refused; what to answer then.
    ///
    /// Only if this very call has taken it away: an earlier one may still bring the new one about.
    async fn stay(
        &self,
        old: &[u8],
        write: &[u8],
        was_there: bool,
        refused: StoreError,
    ) -> StoreError {
        let is_sure =
            refused.is_exists() || was_there && (refused.is_gone() || refused.is_capacity());
        if !is_sure {
            return if refused.is_gone() { refused } else { StoreError::in_doubt(refused) };
        }
        match self.call(&STAY, old, &[Arg::Bytes(write)], Effect::Write).await {
            Ok(_) => refused,
            Err(error) => StoreError::in_doubt(error),
        }
    }

    /// Deletes what came of a rotation, or sees to it that nothing does.
    async fn take_back(&self, owner: &str, id: &SessionId, write: &[u8]) -> Result<(), StoreError> {
        let args = [Arg::Bytes(write), Arg::Number(KNOWN_FOR_MS)];
        let key = self.sessions.keys.session(id);
        if self.call(&TAKE_BACK, &key, &args, Effect::Write).await?.number()? == 1 {
            self.strike(owner, &[id]).await?;
        }
        Ok(())
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

    async fn remove(&self, id: &SessionId) -> Result<bool, StoreError> {
        self.remove_of("*", id, 0).await
    }

    /// Of this owner, or of anyone: `*`. If it is not there, what was entered before the era stays away.
    async fn remove_of(&self, owner: &str, id: &SessionId, era: u64) -> Result<bool, StoreError> {
        let args = [owner.into(), Arg::Number(KNOWN_FOR_MS), Arg::Number(era)];
        let key = self.sessions.keys.session(id);
        let mut reply = self.call(&REMOVE, &key, &args, Effect::Write).await?;
        let was_there = reply.number()? == 1;
        if reply.rest() > 0 {
            let owner = reply.text()?;
            if reply.rest() > 0 {
                // Whoever is taking it to another slot may be cut off, and never find out; and so may
                // whoever has deleted it before.
                let (write, next) = (reply.bytes()?, reply.id()?);
                self.take_back(&owner, &next, &write).await?;
            }
            self.strike(&owner, &[id]).await?;
        }
        Ok(was_there)
    }

    async fn remove_all(
        &self,
        owner: &Owner,
        except: Option<&SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        let owner = owner_text(owner);
        if !is_listed(&owner) {
            return Ok(Vec::new());
        }
        let index = self.sessions.keys.index(&owner);
        let args = [except.map_or("", SessionId::as_str).into(), Arg::Number(ERA_KNOWN_FOR_MS)];
        let mut begun = self.call(&BEGIN_ERA, &index, &args, Effect::Write).await?;
        let era = begun.number()?;
        let ids = (0..begun.rest()).map(|_| begun.id()).collect::<Result<Vec<_>, _>>()?;
        let mut removed = Vec::new();
        for id in ids {
            if Some(&id) != except && self.remove_of(&owner, &id, era).await? {
                removed.push(id);
            }
        }
        Ok(removed)
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<SessionInfo>, StoreError> {
        let owner = owner.clone().without_session();
        let mut found = Vec::new();
        for id in self.entries(&owner_text(&owner)).await? {
            let key = self.sessions.keys.session(&id);
            let mut info = match self.call(&INFO, &key, &[], Effect::None).await {
                Err(error) if error.is_gone() => continue,
                info => info?,
            };
            if info.session(&id)? == owner {
                let (born, age, expires_in) = (info.number()?, info.duration()?, info.duration()?);
                found.push((born, SessionInfo::new(id, age, expires_in)));
            }
        }
        // Not by their ages, which are as of the time when each was asked.
        found.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.id.cmp(&other.id)));
        Ok(found.into_iter().map(|(_, info)| info).collect())
    }
}

session_store!(RedisClusterStore);
