//! One session in the place of another, in memory.

use super::support::*;
use request_context::owner::Owner;
use request_context::session::*;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use tokio::time::advance;

fn filled(store: &MemoryStore, ada: &Owner) {
    store.create(&id("old"), new_of(ada).with_data("data".into())).unwrap();
    store.append(&id("old"), ada, &HISTORY, "item".into(), WriteId::new()).unwrap();
    store.update(&id("old"), ada, Version::FIRST, "later".into(), WriteId::new()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn for_the_same_owner_all_stays_and_the_deadlines_too() {
    let (store, ada) = (MemoryStore::default(), owner("ada"));
    filled(&store, &ada);
    advance(10 * MINUTE).await;
    let before = store.load(&id("old")).unwrap();
    let after = store.rotate(&id("old"), &ada, rotation("new", &ada)).unwrap();
    assert_eq!(after, store.load(&id("new")).unwrap());
    let expected = Record::new(
        id("new"),
        ada.clone(),
        before.version,
        before.data,
        before.age,
        before.expires_in,
    );
    assert_eq!(after, expected);
    assert_eq!(store.range(&id("new"), &ada, &HISTORY, 0..9).unwrap().items, ["item"]);
    assert_eq!(store.load(&id("old")), None);
    let listed: Vec<_> = store.list_of(&ada).into_iter().map(|info| info.id).collect();
    assert_eq!(listed, [id("new")]);
    advance(20 * MINUTE).await;
    assert_eq!(store.load(&id("new")), None);
}

#[tokio::test(start_paused = true)]
async fn for_another_owner_it_begins_empty_and_anew() {
    let (store, ada, bob) = (MemoryStore::default(), owner("ada"), owner("bob"));
    filled(&store, &ada);
    advance(10 * MINUTE).await;
    let after = store.rotate(&id("old"), &ada, rotation("new", &bob)).unwrap();
    assert_eq!((after.version, after.data.len(), after.owner), (Version::FIRST, 0, bob.clone()));
    assert_eq!((after.age, after.expires_in), (Default::default(), 30 * MINUTE));
    assert!(store.range(&id("new"), &bob, &HISTORY, 0..9).unwrap().items.is_empty());
    assert_eq!(store.load(&id("old")), None);
    assert!(store.list_of(&ada).is_empty());
    assert_eq!(store.list_of(&bob).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_retry_happens_once_and_one_that_is_refused_changes_nothing() {
    let (store, ada, bob) = (MemoryStore::default(), owner("ada"), owner("bob"));
    filled(&store, &ada);
    store.create(&id("taken"), new_of(&bob)).unwrap();
    let taken = store.rotate(&id("old"), &ada, rotation("taken", &ada));
    assert!(taken.unwrap_err().is_exists());
    assert!(store.rotate(&id("old"), &ada, rotation("old", &ada)).unwrap_err().is_exists());
    assert!(store.load(&id("old")).is_some());
    let to_new = rotation("new", &ada);
    let first = store.rotate(&id("old"), &ada, to_new.clone()).unwrap();
    assert_eq!(store.rotate(&id("old"), &ada, to_new.clone()).unwrap(), first);
    assert!(store.rotate(&id("old"), &ada, rotation("new", &ada)).unwrap_err().is_gone());
    let through_another = store.rotate(&id("taken"), &bob, to_new.clone());
    assert!(through_another.unwrap_err().is_exists(), "another session's rotation is no retry");
    assert!(store.delete(&id("new")));
    assert!(store.rotate(&id("old"), &ada, to_new).unwrap_err().is_gone());
    assert_eq!(store.len(), 1);
}

#[test]
fn whoever_looks_meanwhile_sees_the_one_or_the_other() {
    let (store, ada) = (MemoryStore::default(), owner("ada"));
    store.create(&id("0"), new_of(&ada)).unwrap();
    let is_over = AtomicBool::new(false);
    #[expect(clippy::disallowed_methods, reason = "no request")]
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..2000 {
                let (from, to) = (id(&n.to_string()), (n + 1).to_string());
                store.rotate(&from, &ada, rotation(&to, &ada)).unwrap();
            }
            is_over.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !is_over.load(Ordering::Acquire) {
                assert_eq!(store.list_of(&ada).len(), 1);
            }
        });
    });
    assert_eq!(store.list_of(&ada)[0].id, id("2000"));
}

#[test]
fn of_many_rotations_at_once_one_wins() {
    for _ in 0..50 {
        let (store, ada) = (MemoryStore::default(), owner("ada"));
        store.create(&id("old"), new_of(&ada)).unwrap();
        #[expect(clippy::disallowed_methods, reason = "no request")]
        let won = std::thread::scope(|scope| {
            let rotate = |n: usize| {
                let (store, ada) = (&store, &ada);
                move || store.rotate(&id("old"), ada, rotation(&n.to_string(), ada)).is_ok()
            };
            let threads: Vec<_> = (0..8).map(|n| scope.spawn(rotate(n))).collect();
            let won = threads.into_iter().map(|thread| thread.join().unwrap());
            won.filter(|won| *won).count()
        });
        assert_eq!(won, 1);
        assert_eq!((store.len(), store.list_of(&ada).len()), (1, 1));
    }
}
