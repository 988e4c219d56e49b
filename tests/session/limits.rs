//! How much the store in memory takes, to the last one.

use super::support::*;
use bytes::Bytes;
use request_context::owner::Owner;
use request_context::session::*;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use tokio::time::advance;

fn limited(limit: impl FnOnce(&mut Limits)) -> MemoryStore {
    let mut limits = Limits::default();
    limit(&mut limits);
    MemoryStore::new(limits)
}

#[track_caller]
fn is_full<T: std::fmt::Debug>(answer: Result<T, StoreError>, limit: &str) {
    assert_eq!(answer.unwrap_err().limit(), Some(limit));
}

#[tokio::test(start_paused = true)]
async fn sessions_in_all_and_the_expired_do_not_count() {
    let store = limited(|limits| limits.sessions = 10);
    for n in 0..10 {
        store.create(&id(&n.to_string()), new_of(&owner("ada"))).unwrap();
    }
    is_full(store.create(&id("more"), new_of(&owner("bob"))), "sessions");
    is_full(store.create(&id("more"), new_of(&Default::default())), "sessions");
    assert!((0..10).all(|n| store.load(&id(&n.to_string())).is_some()), "nobody is evicted");
    assert!(store.delete(&id("3")));
    store.create(&id("more"), new_of(&owner("bob"))).unwrap();
    is_full(store.create(&id("3"), new_of(&owner("ada"))), "sessions");
    store.rotate(&id("more"), &owner("bob"), rotation("other", &owner("cyd"))).unwrap();
    advance(29 * MINUTE).await;
    assert!(store.touch(&id("other")).is_some());
    is_full(store.create(&id("3"), new_of(&owner("ada"))), "sessions");
    advance(MINUTE).await;
    for n in 0..9 {
        store.create(&id(&format!("late-{n}")), new_of(&owner("ada"))).unwrap();
    }
    is_full(store.create(&id("3"), new_of(&owner("ada"))), "sessions");
}

#[tokio::test(start_paused = true)]
async fn sessions_of_one_owner_and_the_expired_do_not_count() {
    let store = limited(|limits| limits.sessions_per_owner = 3);
    let (ada, bob) = (owner("ada"), owner("bob"));
    for n in 0..3 {
        store.create(&id(&format!("ada-{n}")), new_of(&ada)).unwrap();
        advance(MINUTE).await;
    }
    is_full(store.create(&id("ada-3"), new_of(&ada)), "sessions_per_owner");
    store.create(&id("bob"), new_of(&bob)).unwrap();
    is_full(store.rotate(&id("bob"), &bob, rotation("ada-3", &ada)), "sessions_per_owner");
    assert!(store.load(&id("bob")).is_some(), "what is refused changes nothing");
    store.rotate(&id("ada-2"), &ada, rotation("ada-4", &ada)).unwrap();
    is_full(store.create(&id("ada-3"), new_of(&ada)), "sessions_per_owner");
    advance(27 * MINUTE).await;
    store.rotate(&id("bob"), &bob, rotation("ada-3", &ada)).unwrap();
    is_full(store.create(&id("ada-5"), new_of(&ada)), "sessions_per_owner");
    assert_eq!(store.list_of(&ada).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn nobodys_sessions_are_not_one_owners() {
    let store = limited(|limits| limits.sessions_per_owner = 1);
    for n in 0..10 {
        store.create(&id(&n.to_string()), new_of(&Default::default())).unwrap();
    }
    assert!(store.list_of(&Default::default()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn bytes_of_the_data() {
    let (store, ada) = (limited(|limits| limits.record_bytes = 8), owner("ada"));
    is_full(store.create(&id("a"), new_of(&ada).with_data(vec![0; 9].into())), "record_bytes");
    store.create(&id("a"), new_of(&ada).with_data(vec![0; 8].into())).unwrap();
    let update =
        |data: Vec<u8>| store.update(&id("a"), &ada, Version::FIRST, data.into(), WriteId::new());
    is_full(update(vec![1; 9]), "record_bytes");
    assert_eq!(store.load(&id("a")).unwrap().data[..], [0; 8]);
    assert!(matches!(update(vec![1; 8]).unwrap(), Update::Written(_)));
}

#[tokio::test(start_paused = true)]
async fn lists_their_items_and_the_bytes_of_an_item() {
    let ada = owner("ada");
    let store = limited(|limits| {
        limits.lists = 2;
        limits.list_items = 3;
        limits.item_bytes = 4;
    });
    store.create(&id("a"), new_of(&ada)).unwrap();
    let append = |list: &'static str, item: &'static [u8], write| {
        store.append(&id("a"), &ada, &ListName::literal(list), Bytes::from_static(item), write)
    };
    let last = WriteId::new();
    append("one", b"1234", WriteId::new()).unwrap();
    append("one", b"", WriteId::new()).unwrap();
    append("one", b"", last).unwrap();
    is_full(append("one", b"", WriteId::new()), "list_items");
    assert_eq!(append("one", b"", last).unwrap().position, 2, "a retry is no further item");
    is_full(append("two", b"12345", WriteId::new()), "item_bytes");
    append("two", b"", WriteId::new()).unwrap();
    is_full(append("three", b"", WriteId::new()), "lists");
    store.trim(&id("a"), &ada, &ListName::literal("one"), 1).unwrap();
    assert_eq!(append("one", b"", WriteId::new()).unwrap().position, 3);
    is_full(append("one", b"", WriteId::new()), "list_items");
}

#[test]
fn sessions_in_all_also_beside_rotations() {
    const FULL: usize = 4;
    const ROTATIONS: usize = 5_000;
    let store = limited(|limits| limits.sessions = FULL);
    let (ada, bob, nobody) = (owner("ada"), owner("bob"), Owner::nobody());
    for n in 0..FULL {
        store.create(&id(&format!("{n}-0")), new_of(&nobody)).unwrap();
    }
    store.rotate(&id("1-0"), &nobody, rotation("ada-0", &ada)).unwrap();
    let is_over = AtomicBool::new(false);
    let made = thread::scope(|scope| {
        #[expect(clippy::disallowed_methods, reason = "no request")]
        let maker = scope.spawn(|| {
            let mut made = 0;
            for n in 0.. {
                if is_over.load(Ordering::Acquire) {
                    break;
                }
                made += u32::from(store.create(&id(&format!("x{n}")), new_of(&nobody)).is_ok());
            }
            made
        });
        for n in 0..ROTATIONS {
            // The same owner, and another one.
            let to = rotation(&format!("0-{}", n + 1), &nobody);
            store.rotate(&id(&format!("0-{n}")), &nobody, to).unwrap();
            let (from, to) = if n % 2 == 0 { (&ada, &bob) } else { (&bob, &ada) };
            let to = rotation(&format!("ada-{}", n + 1), to);
            store.rotate(&id(&format!("ada-{n}")), from, to).unwrap();
        }
        is_over.store(true, Ordering::Release);
        maker.join().unwrap()
    });
    assert_eq!((made, store.len()), (0, FULL), "a rotation leaves no gap for another session");
}
