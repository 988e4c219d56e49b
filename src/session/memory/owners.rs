//! Which sessions an owner has.

use super::account::Account;
use crate::context::TenantId;
use crate::context::UserId;
use crate::owner::Owner;
use hashbrown::HashTable;
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

type Shard = HashTable<Members>;

struct Members {
    hash: u64,
    /// Most have one session, which stands here so that it takes no allocation.
    first: Member,
    others: Vec<Member>,
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

    pub(super) fn lock(&self, hash: Option<u64>) -> Option<Index<'_>> {
        let hash = hash?;
        // By bits that the table does not look at first.
        let shard = &self.shards[(hash >> 40) as usize % self.shards.len()];
        Some(Index { shard: shard.lock().unwrap_or_else(PoisonError::into_inner), hash })
    }

    pub(super) fn len(&self) -> usize {
        let len = |shard: &Mutex<Shard>| shard.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.shards.iter().map(len).sum()
    }
}

impl Members {
    fn iter(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn find_mut(&mut self, serial: u64) -> Option<&mut Member> {
        let mut members = std::iter::once(&mut self.first).chain(&mut self.others);
        members.find(|member| member.serial == serial)
    }

    /// Whether any is left.
    fn retain(&mut self, mut keep: impl FnMut(&Member) -> bool) -> bool {
        self.others.retain(&mut keep);
        keep(&self.first) || self.others.pop().map(|other| self.first = other).is_some()
    }
}

impl Index<'_> {
    pub(super) fn len(&self) -> usize {
        self.find().map_or(0, |members| 1 + members.others.len())
    }

    pub(super) fn members(&self) -> impl Iterator<Item = Member> {
        self.find().into_iter().flat_map(Members::iter).copied()
    }

    pub(super) fn add(&mut self, member: Member) {
        let hash = self.hash;
        match self.shard.find_mut(hash, |members| members.hash == hash) {
            Some(members) => members.others.push(member),
            None => {
                let members = Members { hash, first: member, others: Vec::new() };
                self.shard.insert_unique(hash, members, |members| members.hash);
            }
        }
    }

    /// Puts `member` in the place of the one of this number, if it is there.
    pub(super) fn replace(&mut self, serial: u64, member: Member) {
        let hash = self.hash;
        let found = self.shard.find_mut(hash, |members| members.hash == hash);
        match found.and_then(|members| members.find_mut(serial)) {
            Some(place) => *place = member,
            None => self.add(member),
        }
    }

    pub(super) fn remove(&mut self, serial: u64) {
        self.retain(|member| member.serial != serial);
    }

    pub(super) fn retain(&mut self, keep: impl FnMut(&Member) -> bool) {
        let hash = self.hash;
        if let Ok(mut found) = self.shard.find_entry(hash, |members| members.hash == hash)
            && !found.get_mut().retain(keep)
        {
            found.remove();
        }
    }

    fn find(&self) -> Option<&Members> {
        self.shard.find(self.hash, |members| members.hash == self.hash)
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
        of_bob.into_iter().for_each(|member| owners.lock(owners.hash(&ada)).unwrap().add(member));

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
