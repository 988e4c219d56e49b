//! Which sessions an owner has.

use super::account::Account;
use crate::context::TenantId;
use crate::context::UserId;
use crate::owner::Owner;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// The sessions of each owner that has a user; also ones that are gone, and never too few.
///
/// It goes by the hash of the owner alone. Two owners may have the same: who asks for the sessions of
/// one looks at each, and whose it is.
pub(super) struct Owners {
    shards: Box<[Mutex<Shard>]>,
    /// Keyed, and good: a user may choose what the ID is made of.
    random: RandomState,
}

#[derive(Default)]
struct Shard {
    owners: HashTable<First>,
    /// The sessions of all owners. Each keeps its place while it is there, and knows it: a rotation for
    /// the same owner looks for nothing here.
    places: Vec<Place>,
    /// The first place that is free.
    free: Option<u32>,
}

/// The first session of an owner.
struct First {
    hash: u64,
    at: u32,
}

struct Place {
    member: Member,
    /// The owner's next, or the next that is free.
    next: Option<u32>,
}

/// A session, without its ID: that stands in its shard.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) hash: u64,
    pub(super) serial: u64,
}

/// The part of the index that has an owner, locked.
pub(super) struct Index<'a> {
    shard: MutexGuard<'a, Shard>,
    hash: u64,
}

impl Owners {
    pub(super) fn new(shards: usize) -> Self {
        let shards = (0..shards).map(|_| Mutex::default()).collect();
        Self { shards, random: RandomState::new() }
    }

    pub(super) fn hash(&self, owner: &Owner) -> Option<u64> {
        self.hash_of(owner.tenant_id(), owner.user_id())
    }

    pub(super) fn hash_of_account(&self, account: &Account) -> Option<u64> {
        self.hash_of(account.tenant(), account.user())
    }

    /// Without a user there is none: the visitors of a tenant are not one owner.
    fn hash_of(&self, tenant: Option<&TenantId>, user: Option<&UserId>) -> Option<u64> {
        user.map(|user| self.random.hash_one((tenant, user)))
    }

    /// By bits that the table does not look at first.
    fn shard_of(&self, hash: u64) -> &Mutex<Shard> {
        &self.shards[(hash >> 40) as usize % self.shards.len()]
    }

    pub(super) fn lock(&self, hash: Option<u64>) -> Option<Index<'_>> {
        let hash = hash?;
        let shard = self.shard_of(hash);
        Some(Index { shard: shard.lock().unwrap_or_else(PoisonError::into_inner), hash })
    }

    pub(super) fn len(&self) -> usize {
        let lock = |shard| Mutex::lock(shard).unwrap_or_else(PoisonError::into_inner);
        self.shards.iter().map(|shard| lock(shard).owners.len()).sum()
    }
}

impl Index<'_> {
    pub(super) fn len(&self) -> usize {
        self.members().count()
    }

    pub(super) fn members(&self) -> impl Iterator<Item = Member> {
        let Shard { places, .. } = &*self.shard;
        let place = |at: u32| places.get(at as usize);
        std::iter::successors(self.first().and_then(place), move |of| of.next.and_then(place))
            .map(|place| place.member)
    }

    /// Adds a session, and tells its place.
    pub(super) fn add(&mut self, member: Member) -> u32 {
        let (hash, shard) = (self.hash, &mut *self.shard);
        let at = shard.free.unwrap_or(shard.places.len() as u32);
        let owner = shard.owners.entry(hash, |first| first.hash == hash, |first| first.hash);
        let next = match owner {
            Entry::Occupied(mut owner) => Some(std::mem::replace(&mut owner.get_mut().at, at)),
            Entry::Vacant(none) => {
                none.insert(First { hash, at });
                None
            }
        };
        match shard.places.get_mut(at as usize) {
            Some(place) => {
                shard.free = place.next;
                *place = Place { member, next };
            }
            None => shard.places.push(Place { member, next }),
        }
        at
    }

    /// Puts `member` in the place of a session of this owner that is there.
    pub(super) fn replace(&mut self, at: u32, member: Member) {
        if let Some(place) = self.shard.places.get_mut(at as usize) {
            place.member = member;
        }
    }

    pub(super) fn remove(&mut self, serial: u64) {
        self.retain(|member| member.serial != serial);
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Member) -> bool) {
        let (hash, shard) = (self.hash, &mut *self.shard);
        let Ok(mut owner) = shard.owners.find_entry(hash, |first| first.hash == hash) else {
            return;
        };
        // What is kept is linked anew, in the other direction.
        let (mut kept, mut next) = (None, Some(owner.get().at));
        while let Some(at) = next
            && let Some(place) = shard.places.get_mut(at as usize)
        {
            let list = if keep(&place.member) { &mut kept } else { &mut shard.free };
            next = std::mem::replace(&mut place.next, list.replace(at));
        }
        match kept {
            Some(at) => owner.get_mut().at = at,
            None => drop(owner.remove()),
        }
    }

    fn first(&self) -> Option<u32> {
        self.shard.owners.find(self.hash, |first| first.hash == self.hash).map(|first| first.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::SessionId;
    use crate::session::Limits;
    use crate::session::MemoryStore;
    use crate::session::NewSession;
    use crate::session::StoreError;
    use crate::session::Timeouts;

    /// Not to be had from outside: it takes two owners of the same hash.
    #[test]
    fn who_shares_the_place_of_another_in_the_index_is_another_all_the_same() {
        let limits = Limits { sessions_per_owner: 2, ..Limits::default() };
        let store = MemoryStore::new(limits);
        let owners = &store.inner.owners;
        let [ada, bob] = ["ada", "bob"].map(|user| Owner::user(user.parse().unwrap()));
        let make = |id: &str, owner: &Owner| {
            let id: SessionId = id.parse().unwrap();
            let new = NewSession::new(owner.clone(), Timeouts::default());
            store.create(&id, new).map(|_| id)
        };
        let ids = [("a", &ada), ("b", &bob)].map(|(id, owner)| make(id, owner).unwrap());
        let of_bob: Vec<_> = owners.lock(owners.hash(&bob)).unwrap().members().collect();
        for member in of_bob {
            owners.lock(owners.hash(&ada)).unwrap().add(member);
        }

        assert_eq!(store.list_of(&ada).len(), 1);
        let second = make("c", &ada).unwrap();
        assert_eq!(
            make("d", &ada).map_err(|error: StoreError| error.limit()),
            Err(Some("sessions_per_owner"))
        );
        assert_eq!(store.delete_all_of(&ada, Some(&second)), [ids[0].clone()]);
        assert!(store.load(&ids[1]).is_some());
    }
}
