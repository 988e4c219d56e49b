//! Threads that write the same sessions at the same time.

use super::support::*;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::*;
use std::collections::BTreeSet;

const IDS: u64 = 24;
const USERS: [&str; 3] = ["ada", "bob", "cyd"];

fn named(number: u64) -> SessionId {
    id(&(number % IDS).to_string())
}

fn one_of_them(number: u64) -> Owner {
    USERS.get(number as usize % 4).map_or_else(Owner::nobody, |user| owner(user))
}

/// Whatever comes of it: what is asked for is there, or somebody else's, or not there any more.
fn write_at_random(store: &MemoryStore, seed: u64) {
    let mut random = seed;
    for _ in 0..4000 {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let [step, from, to, user] = [33, 39, 46, 53].map(|bits| random >> bits);
        match step % 8 {
            0..3 => drop(store.create(&named(from), new_of(&one_of_them(user)))),
            3..7 => {
                let Some(before) = store.load(&named(from)) else { continue };
                let next = if step % 8 < 5 { before.owner.clone() } else { one_of_them(user) };
                let rotation = rotation(named(to).as_str(), &next);
                drop(store.rotate(&named(from), &before.owner, rotation));
            }
            _ if step % 64 == 7 => drop(store.delete_all_of(&one_of_them(user), Some(&named(to)))),
            _ => {
                let _ = store.delete(&named(from));
            }
        }
    }
}

#[test]
fn whatever_races_each_session_is_counted_and_listed_once() {
    let mut limits = Limits::default();
    (limits.sessions, limits.sessions_per_owner) = (16, 6);
    let store = MemoryStore::new(limits);
    for round in 0..10 {
        #[expect(clippy::disallowed_methods, reason = "no request")]
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let store = &store;
                scope.spawn(move || write_at_random(store, 4 * round + thread));
            }
        });
        let there: Vec<_> = (0..IDS).filter_map(|number| store.load(&named(number))).collect();
        assert_eq!(store.len(), there.len());
        assert!(there.len() <= limits.sessions);
        for user in USERS {
            let of = there.iter().filter(|record| record.owner == owner(user));
            let of: Vec<_> = of.map(|record| record.id.clone()).collect();
            let listed: Vec<_> = store.list_of(&owner(user)).into_iter().map(|it| it.id).collect();
            assert_eq!(listed.len(), of.len());
            assert_eq!(BTreeSet::from_iter(listed), of.into_iter().collect());
        }
    }
    for user in USERS {
        drop(store.delete_all_of(&owner(user), None));
    }
    for number in 0..IDS {
        let _ = store.delete(&named(number));
    }
    assert_eq!(format!("{store:?}"), "MemoryStore { sessions: 0, owners: 0 }");
}
