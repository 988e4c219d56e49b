//! A cluster of three masters under load: a slot moves, a master dies and comes back.

use crate::support::Cluster;
use crate::support::Load;
use crate::support::PATIENCE;
use crate::support::Server;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::Limits;
use request_context::session::NewSession;
use request_context::session::RedisClusterStore;
use request_context::session::RedisStore;
use request_context::session::Rotation;
use request_context::session::SessionStore;
use request_context::session::Timeouts;
use request_context::session::WriteId;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

async fn connect(cluster: &Cluster) -> RedisClusterStore {
    let urls = cluster.urls();
    let builder = RedisStore::builder().response_timeout(PATIENCE);
    builder.connect_cluster(urls.iter().map(String::as_str)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slot_that_moves_under_load_loses_nothing() {
    let cluster = Cluster::start();
    let store = connect(&cluster).await;
    let load = Load::start(&store, 60, 16).await;
    load.goes_on(100).await;
    // Those slots of the first node in which there are sessions.
    let mut moved = 0;
    for user in 0..60 {
        let slot =
            cluster.nodes[0].run(&["CLUSTER", "KEYSLOT", &format!("rc:s:{{session-{user}}}")]);
        let slot: u16 = slot.trim_start_matches(':').trim().parse().unwrap();
        if slot <= 5460 && moved < 5 {
            moved += cluster.move_slot(slot);
        }
    }
    assert!(moved >= 5, "{moved} keys have moved");
    load.goes_on(100).await;
    let tally = load.settle(&store).await;
    assert!(tally.acknowledged > 100, "{tally:?}");
    assert_eq!(tally.refused, 0, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_dies_and_comes_back_under_load_loses_no_acknowledged_write() {
    let mut cluster = Cluster::start();
    let urls = cluster.urls();
    let builder = RedisStore::builder().response_timeout(Duration::from_secs(3));
    let store = builder.connect_cluster(urls.iter().map(String::as_str)).await.unwrap();
    let load = Load::start(&store, 60, 16).await;
    load.goes_on(100).await;
    cluster.nodes[1].kill();
    load.fails(1).await;
    cluster.nodes[1].restart();
    cluster.settles();
    load.goes_on(100).await;
    let patient = connect(&cluster).await;
    let tally = load.settle(&patient).await;
    assert!(tally.acknowledged > 100, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_to_a_node_that_is_away_is_completed_by_a_retry() {
    let mut cluster = Cluster::start();
    let store = connect(&cluster).await;
    let urls = cluster.urls();
    let hasty = RedisStore::builder().response_timeout(Duration::from_millis(700));
    let hasty = hasty.connect_cluster(urls.iter().map(String::as_str)).await.unwrap();
    // One on each node.
    let on = |node: usize| {
        let names = (0..).map(|n| format!("on-{node}-{n}"));
        let mut there = names.filter(|name| {
            let slot = cluster.nodes[0].run(&["CLUSTER", "KEYSLOT", &format!("{{{name}}}")]);
            let slot: usize = slot.trim_start_matches(':').trim().parse().unwrap();
            slot * 3 / 16384 == node
        });
        there.next().unwrap()
    };
    let (old, new): (SessionId, SessionId) = (on(0).parse().unwrap(), on(2).parse().unwrap());
    let owner = Owner::user(on(1).replace("on-", "user-").parse().unwrap());
    let created = NewSession::new(owner.clone(), Timeouts::default()).with_data("data".into());
    store.create(&old, created).await.unwrap();
    cluster.nodes[2].kill();
    let rotation = Rotation::new(new.clone(), owner.clone(), Timeouts::default());
    let error = hasty.rotate(&old, &owner, rotation.clone()).await.unwrap_err();
    assert!(error.is_in_doubt(), "{error}");
    assert!(store.load(&old).await.unwrap().is_none(), "the old one is gone first");
    cluster.nodes[2].restart();
    cluster.settles();
    for _ in 0..2 {
        let rotated = store.rotate(&old, &owner, rotation.clone()).await.unwrap();
        assert_eq!((rotated.id, rotated.data), (new.clone(), "data".into()));
    }
    assert!(store.load(&old).await.unwrap().is_none());
    assert_eq!(store.list_of(&owner).await.unwrap().len(), 1);
    assert_eq!(store.delete_all_of(&owner, None).await.unwrap(), [new]);
}

/// Halfway: the new session has arrived and the old one's memory is not freed yet.
async fn half_rotated(
    cluster: &Cluster,
    store: &RedisClusterStore,
    name: &str,
) -> (SessionId, Owner, Rotation) {
    let owner = Owner::user(name.parse().unwrap());
    let (old, new) =
        (format!("old-{name}").parse().unwrap(), format!("new-{name}").parse().unwrap());
    let mut rotation = Rotation::new(new, owner.clone(), Timeouts::default());
    rotation.write = WriteId::from_bytes(*b"0123456789abcdef");
    let session = NewSession::new(owner.clone(), Timeouts::default()).with_data("data".into());
    store.create(&old, session.clone()).await.unwrap();
    let mut arrived = session;
    arrived.write = rotation.write;
    store.create(&rotation.id, arrived).await.unwrap();
    let key = format!("rc:s:{{{old}}}");
    let marks =
        |node: &Server| node.run(&["HSET", &key, "m", "0123456789abcdef"]).starts_with(":1");
    assert_eq!(cluster.nodes.iter().filter(|node| marks(node)).count(), 1);
    assert!(store.load(&old).await.unwrap().is_none());
    (old, owner, rotation)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_stopped_halfway_is_completed_or_undone_and_never_both_are_there() {
    let cluster = Cluster::start();
    let store = connect(&cluster).await;

    let (old, owner, rotation) = half_rotated(&cluster, &store, "alice").await;
    for _ in 0..2 {
        let rotated = store.rotate(&old, &owner, rotation.clone()).await.unwrap();
        assert_eq!((rotated.id, rotated.data), (rotation.id.clone(), "data".into()));
        assert_eq!(store.list_of(&owner).await.unwrap().len(), 1);
    }
    assert!(!store.delete(&old).await.unwrap());
    assert!(store.delete(&rotation.id).await.unwrap());
    assert!(store.rotate(&old, &owner, rotation).await.unwrap_err().is_gone());

    let (old, owner, rotation) = half_rotated(&cluster, &store, "bob").await;
    assert!(store.delete(&old).await.unwrap());
    assert!(store.rotate(&old, &owner, rotation.clone()).await.unwrap_err().is_gone());
    assert!(store.load(&rotation.id).await.unwrap().is_none(), "it has outlived the delete");

    let (_, owner, rotation) = half_rotated(&cluster, &store, "carol").await;
    assert_eq!(store.delete_all_of(&owner, None).await.unwrap().len(), 2);
    assert!(store.load(&rotation.id).await.unwrap().is_none());
}

/// At the limit each create looks for what is not there any more, and strikes it; a rotation that is on
/// its way is not there yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_arrives_while_its_owner_is_full_stays_listed() {
    let cluster = Cluster::start();
    let urls = cluster.urls();
    let mut limits = Limits::default();
    limits.sessions_per_owner = 3;
    let builder = RedisStore::builder().response_timeout(PATIENCE).limits(limits);
    let store = builder.connect_cluster(urls.iter().map(String::as_str)).await.unwrap();
    let owner = Owner::user("alice".parse().unwrap());
    let new = || NewSession::new(owner.clone(), Timeouts::default());
    let mut rotating = Vec::new();
    for chain in 0..3 {
        store.create(&format!("{chain}-0").parse().unwrap(), new()).await.unwrap();
    }
    for chain in 0..3 {
        let mut id: SessionId = format!("{chain}-0").parse().unwrap();
        let (store, owner) = (store.clone(), owner.clone());
        rotating.push(tokio::spawn(async move {
            for n in 1..=60 {
                let next: SessionId = format!("{chain}-{n}").parse().unwrap();
                let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
                store.rotate(&id, &owner, rotation).await.unwrap();
                let listed = store.list_of(&owner).await.unwrap();
                assert!(listed.iter().any(|info| info.id == next), "{next} of {listed:?}");
                id = next;
            }
            id
        }));
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let creating: Vec<_> = (0..6)
        .map(|task| {
            let (store, new, is_over) = (store.clone(), new(), Arc::clone(&is_over));
            tokio::spawn(async move {
                for n in 0.. {
                    if is_over.load(SeqCst) {
                        break;
                    }
                    let id: SessionId = format!("more-{task}-{n}").parse().unwrap();
                    let error = store.create(&id, new.clone()).await.unwrap_err();
                    assert_eq!(error.limit(), Some("sessions_per_owner"), "{error}");
                }
            })
        })
        .collect();
    let mut last = Vec::new();
    for chain in rotating {
        last.push(chain.await.unwrap());
    }
    is_over.store(true, SeqCst);
    for task in creating {
        task.await.unwrap();
    }
    let mut deleted = store.delete_all_of(&owner, None).await.unwrap();
    deleted.sort();
    assert_eq!(deleted, last);
}

/// Whoever was about to strike the entry as it was read before, must find another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_after_it_was_looked_for_in_vain_is_entered_anew() {
    let cluster = Cluster::start();
    let store = connect(&cluster).await;
    let owner = Owner::user("alice".parse().unwrap());
    let on_each =
        |command: &[&str]| cluster.nodes.iter().map(|node| node.run(command)).collect::<Vec<_>>();
    let score = |id: &str| {
        let answers = on_each(&["ZSCORE", "rc:o:{u5:alice}", id]);
        answers.into_iter().find(|answer| answer.starts_with('$')).unwrap()
    };
    let mut id: SessionId = "looked-for-0".parse().unwrap();
    store.create(&id, NewSession::new(owner.clone(), Timeouts::default())).await.unwrap();
    for (n, is_looked_for) in [(1, false), (2, true)] {
        let before = score(id.as_str());
        let read = before.lines().nth(1).unwrap();
        let next: SessionId = format!("looked-for-{n}").parse().unwrap();
        if is_looked_for {
            let set = on_each(&["HSET", &format!("rc:s:{{{next}}}"), "q", read]);
            assert_eq!(set.iter().filter(|answer| answer.starts_with(":1")).count(), 1);
        }
        let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
        store.rotate(&id, &owner, rotation).await.unwrap();
        assert_eq!(score(next.as_str()) != before, is_looked_for);
        id = next;
    }
    assert_eq!(store.list_of(&owner).await.unwrap().len(), 1);
}

/// Whoever is cut off leaves no session behind that a logout everywhere would not find.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_cut_off_anywhere_while_its_owner_is_full_leaves_nothing_unlisted() {
    let cluster = Cluster::start();
    let store = connect(&cluster).await;
    let urls = cluster.urls();
    let mut limits = Limits::default();
    limits.sessions_per_owner = 1;
    let full = RedisStore::builder().response_timeout(PATIENCE).limits(limits);
    let full = full.connect_cluster(urls.iter().map(String::as_str)).await.unwrap();
    let (mut has_arrived, mut is_done) = (0, false);
    for steps in 1.. {
        let owner = Owner::user(format!("user-{steps}").parse().unwrap());
        let id = |name: &str| -> SessionId { format!("{name}-{steps}").parse().unwrap() };
        let new = NewSession::new(owner.clone(), Timeouts::default());
        store.create(&id("old"), new.clone()).await.unwrap();
        let rotation = Rotation::new(id("new"), owner.clone(), Timeouts::default());
        let old = id("old");
        let mut rotate = store.rotate(&old, &owner, rotation);
        for _ in 0..steps {
            is_done = futures::poll!(rotate.as_mut()).is_ready();
            if is_done {
                break;
            }
            // It looks for what is not there, and strikes it.
            let refused = full.create(&id("more"), new.clone()).await.unwrap_err();
            assert_eq!(refused.limit(), Some("sessions_per_owner"), "{refused}");
        }
        drop(rotate);
        if store.load(&id("new")).await.unwrap().is_some() {
            has_arrived += 1;
            let listed = store.list_of(&owner).await.unwrap();
            assert!(listed.iter().any(|info| info.id == id("new")), "{steps}: {listed:?}");
            store.delete_all_of(&owner, None).await.unwrap();
            assert!(store.load(&id("new")).await.unwrap().is_none(), "{steps}");
        }
        if is_done {
            break;
        }
    }
    assert!(has_arrived > 1, "{has_arrived}");
}

/// Whoever is cut off does not find out that it was deleted, and cannot take back what has arrived.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delete_wins_over_a_rotation_that_is_cut_off_anywhere() {
    let cluster = Cluster::start();
    let store = connect(&cluster).await;
    let owner = |name: &str| Owner::user(name.parse().unwrap());
    let id = |name: &str, n: usize| -> SessionId { format!("{name}-{n}").parse().unwrap() };
    for (user, next) in [("alice", "alice"), ("bob", "carol")] {
        let (user, next) = (owner(user), owner(next));
        let mut is_done = false;
        for steps in 1.. {
            let (old, new) = (id(user.user_id().unwrap().as_str(), steps), id("new", steps));
            let made = NewSession::new(user.clone(), Timeouts::default());
            store.create(&old, made).await.unwrap();
            let rotation = Rotation::new(new.clone(), next.clone(), Timeouts::default());
            let mut rotate = store.rotate(&old, &user, rotation);
            for _ in 0..steps {
                is_done = futures::poll!(rotate.as_mut()).is_ready();
                store.list_of(&owner("nobody")).await.unwrap();
                if is_done {
                    break;
                }
            }
            drop(rotate);
            let is_deleted = store.delete(&old).await.unwrap();
            assert!(!is_done || !is_deleted);
            let is_left = store.load(&new).await.unwrap().is_some();
            assert!(!(is_deleted && is_left), "{steps}: the delete is undone");
            store.delete(&new).await.unwrap();
            if is_done {
                assert!(steps > 4, "{steps}");
                break;
            }
        }
    }
}

/// Each is asked in its turn, so the last one has grown older than the first when it answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_session_is_listed_first_however_long_the_listing_takes() {
    let cluster = Cluster::start();
    let store = connect(&cluster).await;
    let owner = Owner::user("alice".parse().unwrap());
    let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);
    let mut made: Vec<SessionId> = Vec::new();
    // The index has them in the order of their deadlines.
    for n in 0..60 {
        let absolute = hours(if n == 58 { 1 } else { 2 + n });
        let new = NewSession::new(owner.clone(), Timeouts::new(hours(1), absolute));
        made.push(format!("session-{n}").parse().unwrap());
        store.create(made.last().unwrap(), new).await.unwrap();
        // Not in the same millisecond.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let listed = store.list_of(&owner).await.unwrap();
    assert_eq!(listed.into_iter().map(|info| info.id).collect::<Vec<_>>(), made);
}
