//! Which sessions an owner has in a cluster.

use super::cluster::RedisClusterStore;
use super::keys::is_listed;
use super::keys::owner_text;
use super::link::Effect;
use super::reply::number;
use super::script::Arg;
use super::script::KNOWN_FOR_MS;
use super::scripts_cluster::CONDEMN;
use super::scripts_cluster::ENTER;
use super::scripts_cluster::ENTRIES;
use super::scripts_cluster::SCORES;
use super::scripts_cluster::STRIKE;
use super::scripts_cluster::STRIKE_AS_READ;
use super::store::millis;
use crate::context::SessionId;
use crate::session::StoreError;
use std::time::Duration;

/// The era of an owner, the one that a session must be of to rotate, and the score of an entry.
pub(super) struct Entry {
    pub(super) era: u64,
    pub(super) oldest: u64,
    pub(super) score: u64,
}

impl RedisClusterStore {
    /// Enters the ID into the index of its owner, if that has one; for as long as the one `replaced`, and
    /// with a score above the one given.
    pub(super) async fn enter(
        &self,
        owner: &str,
        id: &SessionId,
        stays: Duration,
        limit: usize,
        replaced: Option<&SessionId>,
        above: u64,
    ) -> Result<Entry, StoreError> {
        if !is_listed(owner) {
            return Ok(Entry { era: 0, oldest: 0, score: 0 });
        }
        let args = [
            id.as_str().into(),
            Arg::Number(millis(stays).saturating_add(KNOWN_FOR_MS)),
            Arg::Number(number(limit)),
            replaced.map_or("", SessionId::as_str).into(),
            Arg::Number(above),
        ];
        let index = self.sessions.keys.index(owner);
        let mut entered = match self.call(&ENTER, &index, &args, Effect::Write).await {
            Err(error) if error.limit() == Some("sessions_per_owner") => {
                self.sweep(owner).await?;
                self.call(&ENTER, &index, &args, Effect::Write).await?
            }
            entered => entered?,
        };
        Ok(Entry { era: entered.number()?, oldest: entered.number()?, score: entered.number()? })
    }

    /// Strikes from the index what is not there, and sees to it that it will not come.
    async fn sweep(&self, owner: &str) -> Result<(), StoreError> {
        let index = self.sessions.keys.index(owner);
        let mut reply = self.call(&SCORES, &index, &[], Effect::None).await?;
        let mut dead = Vec::new();
        while reply.rest() > 0 {
            let (id, score) = (reply.id()?, reply.text()?);
            let is_dead = match self.sessions.load(&id).await? {
                Some(record) => owner_text(&record.owner) != owner,
                None => {
                    let key = self.sessions.keys.session(&id);
                    let args = [Arg::Number(KNOWN_FOR_MS), score.as_str().into()];
                    self.call(&CONDEMN, &key, &args, Effect::Write).await?.number()? == 1
                }
            };
            if is_dead {
                dead.push((id, score));
            }
        }
        if dead.is_empty() {
            return Ok(());
        }
        let args: Vec<_> = dead
            .iter()
            .flat_map(|(id, score)| [id.as_str().into(), score.as_str().into()])
            .collect();
        self.call(&STRIKE_AS_READ, &index, &args, Effect::Write).await.map(drop)
    }

    pub(super) async fn entries(&self, owner: &str) -> Result<Vec<SessionId>, StoreError> {
        let index = self.sessions.keys.index(owner);
        let mut reply = self.call(&ENTRIES, &index, &[], Effect::None).await?;
        (0..reply.rest()).map(|_| reply.id()).collect()
    }

    pub(super) async fn strike(&self, owner: &str, ids: &[&SessionId]) -> Result<(), StoreError> {
        if !is_listed(owner) || ids.is_empty() {
            return Ok(());
        }
        let args: Vec<_> = ids.iter().map(|id| id.as_str().into()).collect();
        self.call(&STRIKE, &self.sessions.keys.index(owner), &args, Effect::Write).await.map(drop)
    }
}
