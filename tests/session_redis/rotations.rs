//! Rotations in a cluster that are refused halfway, or that others come between.

use crate::support::Cluster;
use crate::support::PATIENCE;
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
use std::time::Duration;
use tokio::time::sleep;

async fn connect(cluster: &Cluster, limits: Limits) -> RedisClusterStore {
    let urls = cluster.urls();
    let builder = RedisStore::builder().response_timeout(PATIENCE).limits(limits);
    builder.connect_cluster(urls.iter().map(String::as_str)).await.unwrap()
}

fn on<T: std::str::FromStr>(cluster: &Cluster, node: usize, name: &str) -> T {
    let names = (0..).map(|n| format!("{name}-{node}-{n}"));
    let mut there = names.filter(|name| {
        let slot = cluster.nodes[0].run(&["CLUSTER", "KEYSLOT", &format!("{{{name}}}")]);
        let slot: usize = slot.trim_start_matches(':').trim().parse().unwrap();
        slot * 3 / 16384 == node
    });
    there.next().unwrap().parse().ok().unwrap()
}

/// Who it belongs to: nobody, a user on the full node, a user on another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_to_a_node_without_memory_changes_nothing() {
    let cluster = Cluster::start();
    let store = connect(&cluster, Limits::default()).await;
    // By its index, whose hash tag is the owner as text.
    let user = |node: usize| {
        let names = (0..).map(|n| format!("user-{n:04}"));
        let mut there = names.filter(|name| {
            let tag = format!("{{u9:{name}}}");
            let slot = cluster.nodes[0].run(&["CLUSTER", "KEYSLOT", &tag]);
            let slot: usize = slot.trim_start_matches(':').trim().parse().unwrap();
            slot * 3 / 16384 == node
        });
        Owner::user(there.next().unwrap().parse().unwrap())
    };
    let owners = [Owner::nobody(), user(2), user(1)];
    let mut sessions = Vec::new();
    for (n, owner) in owners.into_iter().enumerate() {
        let old: SessionId = on(&cluster, 0, &format!("old{n}"));
        let new: SessionId = on(&cluster, 2, &format!("new{n}"));
        let session = NewSession::new(owner.clone(), Timeouts::default());
        store.create(&old, session.with_data("data".into())).await.unwrap();
        sessions.push((old, new, owner));
    }
    cluster.nodes[2].run(&["CONFIG", "SET", "maxmemory", "1"]);
    for (old, new, owner) in &sessions {
        let rotation = Rotation::new(new.clone(), owner.clone(), Timeouts::default());
        let error = store.rotate(old, owner, rotation).await.unwrap_err();
        assert_eq!(error.limit(), Some("sessions"), "{error}");
        assert_eq!(store.load(old).await.unwrap().unwrap().data, "data", "{owner:?}");
        assert!(store.load(new).await.unwrap().is_none());
    }
    cluster.nodes[2].run(&["CONFIG", "SET", "maxmemory", "0"]);
    for (old, new, owner) in &sessions {
        let rotation = Rotation::new(new.clone(), owner.clone(), Timeouts::default());
        let rotated = store.rotate(old, owner, rotation).await.unwrap();
        assert_eq!(rotated.data, "data");
        assert!(store.load(old).await.unwrap().is_none());
    }
}

/// An earlier try has taken the old one away, and may yet bring the new one about.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_that_is_refused_does_not_say_that_nothing_has_happened() {
    let cluster = Cluster::start();
    let store = connect(&cluster, Limits::default()).await;
    let (old, new): (SessionId, SessionId) = (on(&cluster, 0, "old"), on(&cluster, 2, "new"));
    let owner = Owner::nobody();
    let session = NewSession::new(owner.clone(), Timeouts::default());
    store.create(&old, session.with_data("data".into())).await.unwrap();
    let mut rotation = Rotation::new(new.clone(), owner.clone(), Timeouts::default());
    rotation.write = WriteId::from_bytes(*b"0123456789abcdef");
    let key = format!("rc:s:{{{old}}}");
    assert_eq!(cluster.nodes[0].run(&["HSET", &key, "m", "0123456789abcdef"]).trim(), ":1");
    cluster.nodes[2].run(&["CONFIG", "SET", "maxmemory", "1"]);
    let error = store.rotate(&old, &owner, rotation.clone()).await.unwrap_err();
    assert!(error.is_in_doubt(), "{error}");
    assert!(store.load(&old).await.unwrap().is_none());
    cluster.nodes[2].run(&["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(store.rotate(&old, &owner, rotation).await.unwrap().data, "data");
    assert!(store.load(&new).await.unwrap().is_some());
}

/// Of the user all is deleted while one session rotates as fast as it can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_session_outlives_the_deletion_of_all_by_rotating() {
    let cluster = Cluster::start();
    let store = connect(&cluster, Limits::default()).await;
    let owner = Owner::user("ada".parse().unwrap());
    let mut left = Vec::new();
    for round in 0..60 {
        let ids: Vec<SessionId> =
            (0..6).map(|n| format!("r{round}-{n}").parse().unwrap()).collect();
        for id in &ids {
            let new = NewSession::new(owner.clone(), Timeouts::default());
            store.create(id, new).await.unwrap();
        }
        let (rotates, of, mut at) = (store.clone(), owner.clone(), ids[5].clone());
        let rotating = tokio::spawn(async move {
            for n in 0..20 {
                let to: SessionId = format!("r{round}-to-{n}").parse().unwrap();
                let rotation = Rotation::new(to.clone(), of.clone(), Timeouts::default());
                match rotates.rotate(&at, &of, rotation).await {
                    Err(error) => return assert!(error.is_gone(), "{error}"),
                    Ok(_) => at = to,
                }
            }
        });
        sleep(Duration::from_millis(round % 7)).await;
        store.delete_all_of(&owner, None).await.unwrap();
        rotating.await.unwrap();
        left.extend(store.list_of(&owner).await.unwrap());
    }
    assert!(left.is_empty(), "{} sessions are left", left.len());
}

/// The one that is left there, as the user's present session, goes on rotating.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_session_that_is_left_rotates_on() {
    let cluster = Cluster::start();
    let store = connect(&cluster, Limits::default()).await;
    let owner = Owner::user("ada".parse().unwrap());
    let new = || NewSession::new(owner.clone(), Timeouts::default());
    let to = |id: &SessionId| Rotation::new(id.clone(), owner.clone(), Timeouts::default());
    let id = |n: usize| -> SessionId { format!("at-{n}").parse().unwrap() };
    store.create(&id(0), new()).await.unwrap();
    for n in 0..10 {
        let other: SessionId = format!("other-{n}").parse().unwrap();
        store.create(&other, new()).await.unwrap();
        for _ in 0..=n % 3 {
            store.delete_all_of(&owner, Some(&id(n))).await.unwrap();
        }
        assert!(store.rotate(&other, &owner, to(&id(99))).await.unwrap_err().is_gone());
        store.rotate(&id(n), &owner, to(&id(n + 1))).await.unwrap();
        assert_eq!(store.list_of(&owner).await.unwrap().len(), 1);
    }
    assert_eq!(store.delete_all_of(&owner, None).await.unwrap(), [id(10)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_of_thousands_that_are_not_there_is_swept() {
    let cluster = Cluster::start();
    let mut limits = Limits::default();
    limits.sessions_per_owner = 1;
    let store = connect(&cluster, limits).await;
    let owner = Owner::user("ada".parse().unwrap());
    let ids: Vec<_> = (0..8500).map(|n| format!("dead-{n}")).collect();
    let mut command = vec!["ZADD", "rc:o:{u3:ada}"];
    command.extend(ids.iter().flat_map(|id| ["99999999999999", id]));
    let enters = cluster.nodes.iter().filter(|node| node.run(&command).starts_with(":8500"));
    assert_eq!(enters.count(), 1);
    let id: SessionId = "alive".parse().unwrap();
    store.create(&id, NewSession::new(owner.clone(), Timeouts::default())).await.unwrap();
    assert_eq!(store.list_of(&owner).await.unwrap().len(), 1);
    assert_eq!(store.delete_all_of(&owner, None).await.unwrap(), [id]);
}

/// Both are cut off: who rotates when the new session has arrived and the old one is not freed, and who
/// deletes the old one before the answer comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delete_whose_answer_is_lost_wins_when_it_is_asked_again() {
    let cluster = Cluster::start();
    let store = connect(&cluster, Limits::default()).await;
    let owner = |name: &str| Owner::user(name.parse().unwrap());
    for (user, next) in [("alice", "alice"), ("bob", "carol")] {
        let id = |name: &str| -> SessionId { format!("{name}-of-{user}").parse().unwrap() };
        let (old, new) = (id("old"), id("new"));
        // So that the node knows the script, and the call is one.
        assert!(!store.delete(&old).await.unwrap());
        store.create(&old, NewSession::new(owner(user), Timeouts::default())).await.unwrap();
        let mut arrived = NewSession::new(owner(next), Timeouts::default());
        arrived.write = WriteId::from_bytes(*b"0123456789abcdef");
        store.create(&new, arrived).await.unwrap();
        let key = format!("rc:s:{{{old}}}");
        let marks = ["HSET", &key, "m", "0123456789abcdef", "r", new.as_str()];
        let marked = cluster.nodes.iter().filter(|node| node.run(&marks).starts_with(":2"));
        assert_eq!(marked.count(), 1);

        let mut delete = store.delete(&old);
        assert!(futures::poll!(delete.as_mut()).is_pending());
        // On the same connection, so the delete has happened when this is answered.
        assert!(store.load(&old).await.unwrap().is_none());
        drop(delete);
        assert!(store.load(&new).await.unwrap().is_some());

        assert!(!store.delete(&old).await.unwrap());
        assert!(store.load(&new).await.unwrap().is_none(), "{user}: the delete is undone");
        assert!(store.list_of(&owner(next)).await.unwrap().is_empty());
    }
}
