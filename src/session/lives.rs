//! The sessions that this process has open, so that the end of one is known to all its handles.

use crate::context::SessionId;
use crate::context::session_life::SessionLife;
use crate::context::session_life::WeakSessionLife;
use crate::owner::Owner;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::Weak;
use tokio::time::Instant;

const SHARDS: usize = 64;

/// What those who change one session agree by within this process.
#[derive(Default)]
pub(super) struct Gate {
    /// One after another for those that write the data, so that no compare-and-swap is lost to another.
    turn: tokio::sync::Mutex<()>,
    /// What may have been put in its place for the same owner, noted before the store is asked to: a
    /// logout that comes meanwhile finds it here. They are held, so that their own are known too.
    successors: Mutex<Vec<(SessionId, Attached)>>,
}

impl Gate {
    pub(super) async fn lock(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    pub(super) fn may_give_way_to(&self, id: &SessionId, attached: &Attached) {
        let mut successors = self.successors();
        if successors.iter().all(|(other, _)| other != id) {
            successors.push((id.clone(), attached.clone()));
        }
    }

    /// The store has said that it did not.
    pub(super) fn has_not_given_way_to(&self, id: &SessionId) {
        self.successors().retain(|(other, _)| other != id);
    }

    pub(super) fn may_have_given_way_to(&self) -> Vec<(SessionId, Attached)> {
        self.successors().clone()
    }

    fn successors(&self) -> MutexGuard<'_, Vec<(SessionId, Attached)>> {
        self.successors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// By their ID, as long as somebody holds one.
pub(super) struct Lives {
    shards: Box<[Mutex<Shard>]>,
    random: RandomState,
}

#[derive(Default)]
struct Shard {
    known: HashMap<SessionId, Known>,
    /// At how many entries the dead ones are looked for.
    full: usize,
}

struct Known {
    life: WeakSessionLife,
    gate: Weak<Gate>,
    /// Who it was found to belong to.
    owner: Option<Owner>,
}

/// What all handles of one session share.
#[derive(Clone)]
pub(super) struct Attached {
    pub(super) life: SessionLife,
    pub(super) gate: Arc<Gate>,
}

impl Lives {
    pub(super) fn new() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, random: RandomState::new() }
    }

    /// The life of a session, which is over until the store was heard. Asked for **before** the
    /// store is: whatever ends the session after the store's answer finds the life here.
    pub(super) fn attach(&self, id: &SessionId) -> Attached {
        let mut shard = self.lock(id);
        let known = shard.known.get(id);
        let life = known.and_then(|known| known.life.upgrade());
        let gate = known.and_then(|known| known.gate.upgrade());
        if let (Some(life), Some(gate)) = (&life, &gate) {
            return Attached { life: life.clone(), gate: Arc::clone(gate) };
        }
        let owner = known.and_then(|known| known.owner.clone());
        let life = life.unwrap_or_else(|| SessionLife::new(Instant::now()));
        let gate = gate.unwrap_or_default();
        let known = Known { life: life.downgrade(), gate: Arc::downgrade(&gate), owner };
        if shard.known.len() >= shard.full {
            shard.known.retain(|_, known| known.life.is_alive());
            shard.full = 2 * shard.known.len() + 16;
        }
        shard.known.insert(id.clone(), known);
        Attached { life, gate }
    }

    pub(super) fn belongs_to(&self, id: &SessionId, owner: &Owner) {
        if let Some(known) = self.lock(id).known.get_mut(id)
            && known.owner.as_ref() != Some(owner)
        {
            known.owner = Some(owner.clone());
        }
    }

    pub(super) fn find(&self, id: &SessionId) -> Option<SessionLife> {
        self.lock(id).known.get(id).and_then(|known| known.life.upgrade())
    }

    /// Those that belong to `owner`, or to nobody knows whom, but for `except`.
    pub(super) fn perhaps_of(&self, owner: &Owner, except: Option<&SessionId>) -> Vec<SessionLife> {
        let mut found = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let of_owner = shard.known.iter().filter(|(id, known)| {
                Some(*id) != except && known.owner.as_ref().is_none_or(|known| known == owner)
            });
            found.extend(of_owner.filter_map(|(_, known)| known.life.upgrade()));
        }
        found
    }

    pub(super) fn len(&self) -> usize {
        let lock = |shard: &Mutex<Shard>| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.known.values().filter(|known| known.life.is_alive()).count()
        };
        self.shards.iter().map(lock).sum()
    }

    fn lock(&self, id: &SessionId) -> MutexGuard<'_, Shard> {
        let shard = self.random.hash_one(id) as usize % SHARDS;
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
