//! The lists of a session in memory.

use super::support::*;
use request_context::session::*;

fn store() -> MemoryStore {
    let store = MemoryStore::default();
    store.create(&id("a"), new_of(&owner("ada"))).unwrap();
    store
}

fn append(store: &MemoryStore, item: &str, write: WriteId) -> u64 {
    let item = item.to_owned().into();
    store.append(&id("a"), &owner("ada"), &HISTORY, item, write).unwrap().position
}

fn range(store: &MemoryStore, from: u64, to: u64) -> (u64, Vec<String>, u64) {
    let items = store.range(&id("a"), &owner("ada"), &HISTORY, from..to).unwrap();
    let text = |item: &bytes::Bytes| String::from_utf8(item.to_vec()).unwrap();
    (items.first, items.items.iter().map(text).collect(), items.end)
}

fn trim(store: &MemoryStore, position: u64) {
    store.trim(&id("a"), &owner("ada"), &HISTORY, position).unwrap();
}

#[test]
fn a_range_is_what_there_is_of_it() {
    let store = store();
    assert_eq!(range(&store, 0, 9), (0, vec![], 0));
    for item in ["0", "1", "2", "3"] {
        append(&store, item, WriteId::new());
    }
    trim(&store, 1);
    let texts = |texts: &[&str]| texts.iter().copied().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(range(&store, 0, u64::MAX), (1, texts(&["1", "2", "3"]), 4));
    assert_eq!(range(&store, 2, 3), (2, texts(&["2"]), 4));
    assert_eq!(range(&store, 0, 1), (1, vec![], 4));
    assert_eq!(range(&store, 3, 2), (3, vec![], 4));
    assert_eq!(range(&store, 9, 12), (4, vec![], 4));
    trim(&store, 99);
    assert_eq!(range(&store, 0, 9), (4, vec![], 4));
    assert_eq!(append(&store, "4", WriteId::new()), 4, "positions count since the session began");
}

#[test]
fn of_items_that_are_there_every_retry_is_known() {
    let store = store();
    let writes: Vec<_> = (0..1000).map(|_| WriteId::new()).collect();
    for (position, write) in writes.iter().enumerate() {
        assert_eq!(append(&store, "item", *write), position as u64);
    }
    trim(&store, 500);
    for (position, write) in writes.iter().enumerate().skip(500 - 64) {
        assert_eq!(append(&store, "again", *write), position as u64);
    }
    let (first, items, end) = range(&store, 0, u64::MAX);
    assert_eq!((first, items.len(), end), (500, 500, 1000));
    assert!(items.iter().all(|item| item == "item"));
}

#[test]
fn retries_are_known_over_many_small_trims() {
    let store = store();
    let mut writes = Vec::new();
    for n in 0..300_u64 {
        writes.push(WriteId::new());
        assert_eq!(append(&store, "item", writes[n as usize]), n);
        trim(&store, n.saturating_sub(3));
        let known = n.saturating_sub(3).saturating_sub(64);
        for position in known..=n {
            assert_eq!(append(&store, "again", writes[position as usize]), position);
        }
    }
    assert_eq!(range(&store, 0, 0).2, 300);
}

#[test]
fn concurrent_appends_with_retries_are_there_once_each() {
    let store = store();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let store = &store;
            let append_each = move || {
                for n in 0..200 {
                    let write = WriteId::new();
                    let item = format!("{thread}-{n}");
                    assert_eq!(append(store, &item, write), append(store, &item, write));
                }
            };
            #[expect(clippy::disallowed_methods, reason = "no request")]
            scope.spawn(append_each);
        }
    });
    let (_, mut items, end) = range(&store, 0, u64::MAX);
    items.sort();
    items.dedup();
    assert_eq!((items.len(), end), (1600, 1600));
}

/// Not `Debug`, as what it holds is nobody's to see.
#[derive(serde::Deserialize)]
struct Diagnosis(#[expect(dead_code, reason = "stands for what is not shown")] String);

#[tokio::test(start_paused = true)]
async fn debug_of_what_a_store_is_given_and_gives_shows_no_data() {
    let new = new_of(&owner("ada")).with_data("diagnosis".into());
    let two = vec!["diagnosis".into(), "diagnosis".into()];
    let items = Items::new(id("a"), owner("ada"), 3, two, 5);
    let app = App::new();
    let request = app.request_of("ada").await;
    let listed = request.run(async {
        Session::current().append(&HISTORY, "diagnosis").await.unwrap();
        Session::current().range::<Diagnosis>(&HISTORY, 0..9).await.unwrap()
    });
    let shown = [format!("{new:?}"), format!("{items:?}"), format!("{:?}", listed.await)];
    assert!(shown.iter().all(|text| !text.contains("diag")), "{shown:#?}");
    assert!(shown[0].contains("ada") && shown[0].contains("data.bytes: 9"), "{}", shown[0]);
    assert!(shown[1].contains("first: 3, items.len: 2, items.bytes: 18, end: 5"), "{}", shown[1]);
    assert_eq!(shown[2], "Listed { first: 0, items.len: 1, end: 1 }");
}
