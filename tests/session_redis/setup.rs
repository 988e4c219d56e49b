//! What a store in Redis is connected to, what it asks of it, and what it shows of it.

use crate::support::Cluster;
use crate::support::Proxy;
use crate::support::Server;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::NewSession;
use request_context::session::RedisStore;
use request_context::session::Rotation;
use request_context::session::SessionStore;
use request_context::session::Timeouts;
use request_context::session::WriteId;
use std::error::Error;
use std::time::Duration;

#[tokio::test]
async fn a_server_that_may_evict_sessions_is_refused() {
    let server =
        Server::start_with(&["--maxmemory", "100mb", "--maxmemory-policy", "volatile-lru"]);
    let error = RedisStore::connect(&server.url()).await.unwrap_err();
    assert!(error.is_eviction(), "{error}");
    let text = error.to_string();
    assert!(text.contains("noeviction") && text.contains("volatile-lru"), "{text}");
    RedisStore::builder().allow_eviction().connect(&server.url()).await.unwrap();
    // Without a limit nothing is evicted, whatever the policy.
    server.run(&["CONFIG", "SET", "maxmemory", "0"]);
    RedisStore::connect(&server.url()).await.unwrap();
    server.run(&["CONFIG", "SET", "maxmemory", "100mb"]);
    server.run(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    RedisStore::connect(&server.url()).await.unwrap();
}

#[tokio::test]
async fn what_is_no_place_for_a_store_is_refused_and_said_so() {
    let error = RedisStore::connect("127.0.0.1").await.unwrap_err();
    assert!(error.is_invalid() && error.source().is_some(), "{error}");
    let server = Server::start();
    let builder = RedisStore::builder().prefix("a{b}");
    assert!(builder.connect(&server.url()).await.unwrap_err().is_invalid());
    let error = RedisStore::connect("redis://127.0.0.1:1").await.unwrap_err();
    assert!(error.is_unreachable(), "{error}");
    let url = server.url();
    let error = RedisStore::builder().connect_cluster([url.as_str()]).await.unwrap_err();
    assert!(error.is_wrong_mode() || error.is_unreachable(), "{error}");
    server.run(&["CONFIG", "SET", "requirepass", "secret"]);
    let error = RedisStore::connect(&url).await.unwrap_err();
    assert!(error.is_unreachable(), "{error}");
}

#[tokio::test]
async fn a_node_of_a_cluster_is_no_server_by_itself() {
    let cluster = Cluster::start();
    let error = RedisStore::connect(&cluster.urls()[0]).await.unwrap_err();
    assert!(error.is_wrong_mode(), "{error}");
}

#[tokio::test]
async fn a_store_never_shows_a_password() {
    let server = Server::start();
    server.run(&["CONFIG", "SET", "requirepass", "geheim"]);
    let url = server.url().replace("redis://", "redis://:geheim@");
    let store = RedisStore::builder().prefix("app:").connect(&url).await.unwrap();
    let shown = format!("{store:?} {store:#?} {:?}", RedisStore::builder());
    assert!(!shown.contains("geheim") && shown.contains("app:"), "{shown}");
    let error = RedisStore::connect(&url.replace("geheim", "falsch")).await.unwrap_err();
    let shown = format!("{error:?} {error} {:?}", error.source());
    assert!(!shown.contains("falsch"), "{shown}");
}

/// How often the server has run this command, from `INFO commandstats`.
fn calls(server: &Server, command: &str) -> usize {
    let stats = server.run(&["INFO", "commandstats"]);
    let line =
        stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")));
    line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn each_operation_is_one_round_trip() {
    let server = Server::start();
    let proxy = Proxy::to(server.address()).await;
    let store = RedisStore::connect(&proxy.url()).await.unwrap();
    let list = "history".parse().unwrap();
    // The first round makes the scripts known.
    for round in 0..3 {
        let owner = Owner::user(format!("user-{round}").parse().unwrap());
        let id: SessionId = format!("session-{round}").parse().unwrap();
        let next: SessionId = format!("next-{round}").parse().unwrap();
        let before = (calls(&server, "evalsha"), proxy.calls());
        let new = NewSession::new(owner.clone(), Timeouts::default());
        let made = store.create(&id, new).await.unwrap();
        store.load(&id).await.unwrap();
        store.touch(&id).await.unwrap();
        store.update(&id, &owner, made.version, "x".into(), WriteId::new()).await.unwrap();
        store.append(&id, &owner, &list, "x".into(), WriteId::new()).await.unwrap();
        store.range(&id, &owner, &list, 0..9).await.unwrap();
        store.trim(&id, &owner, &list, 1).await.unwrap();
        let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
        store.rotate(&id, &owner, rotation).await.unwrap();
        store.list_of(&owner).await.unwrap();
        store.delete(&next).await.unwrap();
        store.delete_all_of(&owner, None).await.unwrap();
        store.prune().await.unwrap();
        let after = (calls(&server, "evalsha"), proxy.calls());
        if round > 0 {
            assert_eq!((after.0 - before.0, after.1 - before.1), (11, 11));
        }
    }
    assert_eq!(calls(&server, "eval"), 11, "each script is sent once");
}

#[tokio::test]
async fn each_key_ends_by_the_servers_clock() {
    let server = Server::start();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let list = "history".parse().unwrap();
    let timeouts = Timeouts::new(Duration::from_secs(100), Duration::from_secs(150));
    for n in 0..4 {
        let owner = Owner::user(format!("user-{n}").parse().unwrap());
        let id: SessionId = format!("session-{n}").parse().unwrap();
        store.create(&id, NewSession::new(owner.clone(), timeouts)).await.unwrap();
        store.append(&id, &owner, &list, "x".into(), WriteId::new()).await.unwrap();
        let next: SessionId = format!("next-{n}").parse().unwrap();
        let other = if n % 2 == 0 { owner.clone() } else { Owner::nobody() };
        store.rotate(&id, &owner, Rotation::new(next.clone(), other, timeouts)).await.unwrap();
        if n == 2 {
            store.delete(&next).await.unwrap();
        }
    }
    let keys = server.run(&["KEYS", "*"]);
    let keys: Vec<_> = keys.lines().skip(2).step_by(2).collect();
    assert!(keys.len() >= 8, "{keys:?}");
    for key in keys {
        assert!(key.starts_with("rc:"), "{key}");
        let left = server.run(&["PTTL", key]);
        let left: i64 = left.trim_start_matches(':').trim().parse().unwrap();
        let most = if key.contains("o:{") { 150_000 } else { 120_000 };
        assert!(left > 0 && left <= most, "{key} ends in {left} ms");
    }
    let deadline = server.run(&["HGET", "rc:s:{next-0}", "u"]);
    let ends = server.run(&["PEXPIRETIME", "rc:s:{next-0}"]);
    assert_eq!(deadline.lines().nth(1), ends.strip_prefix(':').map(str::trim_end));
}
