//! Sessions in a Redis server by itself.

use super::builder::RedisStoreBuilder;
use super::connect_error::RedisConnectError;
use super::forward::session_store;
use super::keys::is_listed;
use super::keys::owner_text;
use super::link::Effect;
use super::reply::Reply;
use super::reply::number;
use super::reply::within;
use super::script::Arg;
use super::script::KNOWN_FOR_MS;
use super::scripts_single::CREATE;
use super::scripts_single::DELETE;
use super::scripts_single::DELETE_ALL;
use super::scripts_single::LIST;
use super::scripts_single::ROTATE;
use super::session::Sessions;
use super::single::Single;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::NewSession;
use crate::session::Record;
use crate::session::Rotation;
use crate::session::SessionInfo;
use crate::session::StoreError;
use std::sync::Arc;
use std::time::Duration;

/// Sessions in a Redis server, which several processes may share.
///
/// Clones are the same store. See the [module](super) for what holds.
#[derive(Clone)]
pub struct RedisStore {
    sessions: Arc<Sessions<Single>>,
}

impl RedisStore {
    /// Connects as [`RedisStoreBuilder`] does by default.
    ///
    /// # Errors
    /// As [`RedisStoreBuilder::connect`].
    pub async fn connect(url: &str) -> Result<Self, RedisConnectError> {
        Self::builder().connect(url).await
    }

    /// Sets one up.
    pub fn builder() -> RedisStoreBuilder {
        RedisStoreBuilder::new()
    }

    pub(super) fn new(sessions: Sessions<Single>) -> Self {
        Self { sessions: Arc::new(sessions) }
    }

    fn prefix(&self) -> &str {
        self.sessions.keys.prefix()
    }

    async fn make(&self, id: &SessionId, new: NewSession) -> Result<Record, StoreError> {
        let Sessions { link, keys, limits } = &*self.sessions;
        within(new.data.len(), limits.record_bytes, "record_bytes")?;
        within(new.data.len(), limits.session_bytes, "session_bytes")?;
        let owner = owner_text(&new.owner);
        let args = [
            id.as_str().into(),
            owner.as_str().into(),
            Arg::Number(millis(new.timeouts.idle())),
            Arg::Number(millis(new.timeouts.absolute())),
            Arg::Bytes(&new.data),
            Arg::Bytes(&new.write.to_bytes()),
            Arg::Number(number(limits.sessions_per_owner)),
            self.prefix().into(),
        ];
        let (key, index) = (keys.session(id), keys.index(&owner));
        let both: [&[u8]; 2] = [&key, &index];
        let keys = if is_listed(&owner) { &both } else { &both[..1] };
        link.call(&CREATE, keys, &args, Effect::Write).await?.record(id)
    }

    async fn replace(
        &self,
        id: &SessionId,
        owner: &Owner,
        rotation: Rotation,
    ) -> Result<Record, StoreError> {
        let Sessions { link, keys, limits } = &*self.sessions;
        let (owner, next) = (owner_text(owner), owner_text(&rotation.owner));
        let args = [
            id.as_str().into(),
            rotation.id.as_str().into(),
            owner.as_str().into(),
            next.as_str().into(),
            Arg::Number(millis(rotation.timeouts.idle())),
            Arg::Number(millis(rotation.timeouts.absolute())),
            Arg::Bytes(&rotation.write.to_bytes()),
            Arg::Number(number(limits.sessions_per_owner)),
            self.prefix().into(),
            Arg::Number(KNOWN_FOR_MS),
            Arg::Number(is_listed(&next).into()),
        ];
        let (old, new) = (keys.session(id), keys.session(&rotation.id));
        let (index, next_index) = (keys.index(&owner), keys.index(&next));
        let keys: [&[u8]; 4] = [&old, &new, &index, &next_index];
        link.call(&ROTATE, &keys, &args, Effect::Write).await?.record(&rotation.id)
    }

    async fn remove(&self, id: &SessionId) -> Result<bool, StoreError> {
        let Sessions { link, keys, .. } = &*self.sessions;
        let args = [id.as_str().into(), self.prefix().into(), Arg::Number(KNOWN_FOR_MS)];
        let mut reply = link.call(&DELETE, &[&keys.session(id)], &args, Effect::Write).await?;
        reply.number().map(|was_there| was_there == 1)
    }

    async fn remove_all(
        &self,
        owner: &Owner,
        except: Option<&SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        let Sessions { link, keys, .. } = &*self.sessions;
        let owner = owner_text(owner);
        let args = [
            owner.as_str().into(),
            except.map_or("", SessionId::as_str).into(),
            self.prefix().into(),
            Arg::Number(KNOWN_FOR_MS),
        ];
        let index = keys.index(&owner);
        let mut reply = link.call(&DELETE_ALL, &[&index], &args, Effect::Write).await?;
        (0..reply.rest()).map(|_| reply.id()).collect()
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<SessionInfo>, StoreError> {
        let Sessions { link, keys, .. } = &*self.sessions;
        let owner = owner_text(owner);
        let args = [owner.as_str().into(), self.prefix().into()];
        let reply = link.call(&LIST, &[&keys.index(&owner)], &args, Effect::None).await?;
        infos(reply)
    }
}

fn infos(mut reply: Reply) -> Result<Vec<SessionInfo>, StoreError> {
    let mut infos = Vec::with_capacity(reply.rest() / 3);
    while reply.rest() > 0 {
        infos.push(SessionInfo::new(reply.id()?, reply.duration()?, reply.duration()?));
    }
    oldest_first(&mut infos);
    Ok(infos)
}

fn oldest_first(infos: &mut [SessionInfo]) {
    infos.sort_by(|a, b| b.age.cmp(&a.age).then_with(|| a.id.cmp(&b.id)));
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

session_store!(RedisStore);
