//! The store in memory: times, owners, what it shows of itself.

use super::support::*;
use bytes::Bytes;
use request_context::owner::Owner;
use request_context::session::*;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::advance;

const MS: Duration = Duration::from_millis(1);

#[tokio::test(start_paused = true)]
async fn a_session_is_gone_at_the_very_end_of_its_idle_time() {
    let store = MemoryStore::default();
    store.create(&id("a"), new_of(&owner("ada"))).unwrap();
    advance(30 * MINUTE - MS).await;
    assert_eq!(store.load(&id("a")).unwrap().expires_in, MS);
    advance(MS).await;
    assert_eq!(store.load(&id("a")), None);
    assert_eq!(store.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn uses_go_on_with_it_up_to_the_absolute_deadline() {
    let store = MemoryStore::default();
    store.create(&id("a"), new_of(&owner("ada"))).unwrap();
    for _ in 0..16 {
        advance(29 * MINUTE + 30_000 * MS).await;
        assert!(store.touch(&id("a")).is_some());
    }
    let left = 8 * HOUR - 16 * (29 * MINUTE + 30_000 * MS);
    assert_eq!(store.touch(&id("a")).unwrap().expires_in, left);
    advance(left - MS).await;
    assert_eq!(store.touch(&id("a")).unwrap().expires_in, MS);
    advance(MS).await;
    assert_eq!(store.touch(&id("a")), None);
}

#[tokio::test(start_paused = true)]
async fn a_load_is_no_use_and_neither_is_a_conflict() {
    let (store, ada) = (MemoryStore::default(), owner("ada"));
    store.create(&id("a"), new_of(&ada)).unwrap();
    advance(29 * MINUTE).await;
    store.load(&id("a")).unwrap();
    let wrong = Version::new(7);
    let update = store.update(&id("a"), &ada, wrong, Bytes::new(), WriteId::new()).unwrap();
    assert!(matches!(update, Update::Conflict(_)));
    store.range(&id("a"), &ada, &HISTORY, 0..9).unwrap();
    advance(MINUTE).await;
    assert_eq!(store.load(&id("a")), None);
}

#[tokio::test(start_paused = true)]
async fn nothing_brings_an_expired_session_back() {
    let (store, ada) = (MemoryStore::default(), owner("ada"));
    let record = store.create(&id("a"), new_of(&ada)).unwrap();
    advance(30 * MINUTE).await;
    let write = WriteId::new();
    let update = store.update(&id("a"), &ada, record.version, Bytes::new(), write);
    assert!(update.unwrap_err().is_gone());
    assert!(store.append(&id("a"), &ada, &HISTORY, Bytes::new(), write).unwrap_err().is_gone());
    assert!(store.range(&id("a"), &ada, &HISTORY, 0..1).unwrap_err().is_gone());
    assert!(store.trim(&id("a"), &ada, &HISTORY, 0).unwrap_err().is_gone());
    assert!(store.rotate(&id("a"), &ada, rotation("b", &ada)).unwrap_err().is_gone());
    assert!(!store.delete(&id("a")));
    assert_eq!((store.touch(&id("a")), store.load(&id("a"))), (None, None));
    assert!(store.list_of(&ada).is_empty() && store.delete_all_of(&ada, None).is_empty());
    assert!(store.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_somebody_elses_is_neither_shown_nor_changed() {
    let (store, ada, bob) = (MemoryStore::default(), owner("ada"), owner("bob"));
    let tenant = "clinic".parse::<request_context::TenantId>().unwrap();
    let before = store.create(&id("a"), new_of(&ada).with_data("secret".into())).unwrap();
    let write = WriteId::new();
    for other in [bob, Default::default(), ada.clone().with_tenant(tenant)] {
        let update = store.update(&id("a"), &other, before.version, Bytes::new(), write);
        assert!(update.unwrap_err().is_owner_mismatch());
        let update = store.update(&id("a"), &other, Version::new(9), Bytes::new(), write);
        assert!(update.unwrap_err().is_owner_mismatch(), "a conflict would show it");
        let append = store.append(&id("a"), &other, &HISTORY, Bytes::new(), write);
        assert!(append.unwrap_err().is_owner_mismatch());
        assert!(store.range(&id("a"), &other, &HISTORY, 0..1).unwrap_err().is_owner_mismatch());
        assert!(store.trim(&id("a"), &other, &HISTORY, 9).unwrap_err().is_owner_mismatch());
        let rotate = store.rotate(&id("a"), &other, rotation("b", &other));
        assert!(rotate.unwrap_err().is_owner_mismatch());
        assert!(store.delete_all_of(&other, None).is_empty());
        assert!(store.list_of(&other).is_empty());
    }
    assert_eq!(store.load(&id("a")).unwrap(), before);
}

#[tokio::test(start_paused = true)]
async fn all_sessions_of_an_owner_but_one_are_deleted_in_one_step() {
    let (store, ada, bob) = (MemoryStore::default(), owner("ada"), owner("bob"));
    for n in 0..20 {
        store.create(&id(&format!("ada-{n}")), new_of(&ada)).unwrap();
        store.create(&id(&format!("bob-{n}")), new_of(&bob)).unwrap();
        advance(MS).await;
    }
    let listed: Vec<_> = store.list_of(&ada).into_iter().map(|info| info.id).collect();
    let expected: Vec<_> = (0..20).map(|n| id(&format!("ada-{n}"))).collect();
    assert_eq!(listed, expected, "the oldest first");
    let mut deleted = store.delete_all_of(&ada, Some(&id("ada-7")));
    deleted.sort();
    let mut others: Vec<_> = expected.into_iter().filter(|other| *other != id("ada-7")).collect();
    others.sort();
    assert_eq!(deleted, others);
    assert_eq!(store.len(), 21);
    assert_eq!(store.list_of(&ada).len(), 1);
    assert_eq!(store.list_of(&bob).len(), 20);
    assert!(store.delete_all_of(&Default::default(), None).is_empty(), "nobody has none");
}

#[tokio::test(start_paused = true)]
async fn a_retried_create_makes_one_session_and_none_after_its_end() {
    let (store, ada) = (MemoryStore::default(), owner("ada"));
    let new = new_of(&ada);
    let made = store.create(&id("a"), new.clone()).unwrap();
    assert_eq!(store.create(&id("a"), new.clone()).unwrap(), made);
    assert!(store.create(&id("a"), new_of(&ada)).unwrap_err().is_exists());
    assert!(store.create(&id("a"), new_of(&owner("bob"))).unwrap_err().is_exists());
    assert_eq!(store.len(), 1);
    assert!(store.delete(&id("a")));
    assert!(store.create(&id("a"), new.clone()).unwrap_err().is_gone());
    store.create(&id("a"), new_of(&ada)).unwrap();

    let new = new_of(&ada);
    store.create(&id("b"), new.clone()).unwrap();
    store.rotate(&id("b"), &ada, rotation("c", &ada)).unwrap();
    assert!(store.create(&id("b"), new).unwrap_err().is_gone(), "rotated away");
}

#[tokio::test(start_paused = true)]
async fn a_retried_update_happens_once_also_after_others() {
    let (store, ada) = (MemoryStore::default(), owner("ada"));
    let mut version = store.create(&id("a"), new_of(&ada)).unwrap().version;
    let mut writes = Vec::new();
    for n in 0..32 {
        let (write, data) = (WriteId::new(), Bytes::from(n.to_string()));
        let update = store.update(&id("a"), &ada, version, data, write).unwrap();
        let Update::Written(written) = update else { panic!("{update:?}") };
        writes.push((version, write, written));
        version = written.version;
    }
    for (expected, write, written) in writes {
        let again = store.update(&id("a"), &ada, expected, "again".into(), write).unwrap();
        assert_eq!(again, Update::Written(written));
    }
    let record = store.load(&id("a")).unwrap();
    assert_eq!((record.version, &record.data[..]), (Version::new(33), &b"31"[..]));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_count_any_more_is_gone_by_every_clock() {
    let mut limits = Limits::default();
    limits.sessions_per_owner = 1;
    let (store, ada) = (MemoryStore::new(limits), owner("ada"));
    store.create(&id("a"), new_of(&ada)).unwrap();
    advance(30 * MINUTE).await;
    store.create(&id("b"), new_of(&ada)).unwrap();
    // Outside of the runtime the clock is another one, and has not gone on.
    let is_there = |name: &'static str| {
        let store = store.clone();
        #[expect(clippy::disallowed_methods, reason = "no request")]
        std::thread::spawn(move || store.load(&id(name)).is_some()).join().unwrap()
    };
    assert!(is_there("b"));
    assert!(!is_there("a"), "two of an owner who may have one");
}

#[tokio::test(start_paused = true)]
async fn debug_shows_counts() {
    let (store, ada) = (MemoryStore::default(), owner("ada"));
    store.create(&id("secret-id"), new_of(&ada).with_data("secret-data".into())).unwrap();
    store.create(&id("other-id"), new_of(&ada)).unwrap();
    assert_eq!(format!("{store:?}"), "MemoryStore { sessions: 2, owners: 1 }");
}

/// Data that counts its drops, and then uses the store that held it.
struct Reentrant(MemoryStore, Arc<AtomicUsize>, &'static [u8]);

impl AsRef<[u8]> for Reentrant {
    fn as_ref(&self) -> &[u8] {
        self.2
    }
}

impl Drop for Reentrant {
    fn drop(&mut self) {
        // Would wait for itself if a lock were held.
        self.0.prune();
        let _ = self.0.list_of(&owner("ada"));
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn data_is_dropped_at_once_and_outside_every_lock() {
    let (store, ada, bob) = (MemoryStore::default(), owner("ada"), owner("bob"));
    let drops = Arc::new(AtomicUsize::new(0));
    let of = |data| Bytes::from_owner(Reentrant(store.clone(), Arc::clone(&drops), data));
    let data = || of(&[b' '; 300]);
    let dropped = || drops.swap(0, Ordering::Relaxed);
    let make = |name: &str| {
        store.create(&id(name), new_of(&ada).with_data(data())).unwrap();
        for _ in 0..3 {
            store.append(&id(name), &ada, &HISTORY, data(), WriteId::new()).unwrap();
        }
        assert_eq!(dropped(), 0);
    };
    // What is short is copied, and not held at all.
    store.create(&id("short"), new_of(&ada).with_data(of(b"{}"))).unwrap();
    assert_eq!(dropped(), 1, "create");
    store.update(&id("short"), &ada, Version::FIRST, of(b"[]"), WriteId::new()).unwrap();
    assert_eq!(dropped(), 1, "update");
    assert_eq!(store.load(&id("short")).unwrap().data, "[]");
    assert!(store.delete(&id("short")));
    make("deleted");
    assert!(store.delete(&id("deleted")));
    assert_eq!(dropped(), 4, "delete");
    make("all");
    let _ = store.delete_all_of(&ada, None);
    assert_eq!(dropped(), 4, "delete_all_of");
    make("rotated");
    store.rotate(&id("rotated"), &ada, rotation("bobs", &bob)).unwrap();
    assert_eq!(dropped(), 4, "a rotation to another owner");
    make("written");
    store.update(&id("written"), &ada, Version::FIRST, Bytes::new(), WriteId::new()).unwrap();
    assert_eq!(dropped(), 1, "update");
    store.trim(&id("written"), &ada, &HISTORY, 2).unwrap();
    assert_eq!(dropped(), 2, "trim");
    assert!(store.delete(&id("written")));
    assert_eq!(dropped(), 1);
    make("pruned");
    advance(30 * MINUTE).await;
    store.prune();
    assert_eq!(dropped(), 4, "prune");
    make("found");
    advance(30 * MINUTE).await;
    assert_eq!(store.load(&id("found")), None);
    assert_eq!(dropped(), 4, "found expired");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_dropped_outside_every_lock_too() {
    let mut limits = Limits::default();
    (limits.list_items, limits.sessions) = (1, 1);
    let (store, ada, bob) = (MemoryStore::new(limits), owner("ada"), owner("bob"));
    let drops = Arc::new(AtomicUsize::new(0));
    let data = || Bytes::from_owner(Reentrant(store.clone(), Arc::clone(&drops), &[b' '; 300]));
    let append = |name: &str, owner: &Owner, write| {
        store.append(&id(name), owner, &HISTORY, data(), write).map(|_| ()).map_err(drop)
    };
    let update = |name: &str, owner: &Owner| {
        store.update(&id(name), owner, Version::new(7), data(), WriteId::new())
    };
    let dropped = || drops.swap(0, Ordering::Relaxed);
    store.create(&id("a"), new_of(&ada)).unwrap();
    let first = WriteId::new();
    append("a", &ada, first).unwrap();

    assert!(append("gone", &ada, WriteId::new()).is_err());
    assert_eq!(dropped(), 1, "append to what is not there");
    assert!(append("a", &bob, WriteId::new()).is_err());
    assert_eq!(dropped(), 1, "append to somebody else's");
    assert!(append("a", &ada, WriteId::new()).is_err());
    assert_eq!(dropped(), 1, "append to what is full");
    append("a", &ada, first).unwrap();
    assert_eq!(dropped(), 1, "an append retried");
    assert!(update("gone", &ada).is_err());
    assert!(update("a", &bob).is_err());
    assert!(matches!(update("a", &ada), Ok(Update::Conflict(_))));
    assert_eq!(dropped(), 3, "update");
    assert!(store.create(&id("a"), new_of(&ada).with_data(data())).is_err());
    assert!(store.create(&id("b"), new_of(&ada).with_data(data())).is_err());
    assert_eq!(dropped(), 2, "create");
}
