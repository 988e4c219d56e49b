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
        let most = if key.contains("o:{") { 150_000 } else { 121_000 };
        assert!(left > 0 && left <= most, "{key} ends in {left} ms");
    }
    let deadline = server.run(&["HGET", "rc:s:{next-0}", "u"]);
    let ends = server.run(&["PEXPIRETIME", "rc:s:{next-0}"]);
    let deadline: u64 = deadline.lines().nth(1).unwrap().parse().unwrap();
    assert_eq!(ends.trim(), format!(":{}", deadline + 1000));
}

/// Redis frees a key a second after its deadline; until then the scripts see to it.
#[tokio::test]
async fn a_session_past_its_deadline_is_gone_though_its_key_is_there() {
    let server = Server::start();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let owner = Owner::user("user".parse().unwrap());
    let id: SessionId = "session".parse().unwrap();
    let list = "history".parse().unwrap();
    store.create(&id, NewSession::new(owner.clone(), Timeouts::default())).await.unwrap();
    let key = "rc:s:{session}";
    server.run(&["PERSIST", key]);
    server.run(&["HSET", key, "u", "1000000000000"]);
    assert!(store.load(&id).await.unwrap().is_none());
    assert!(store.touch(&id).await.unwrap().is_none());
    let append = store.append(&id, &owner, &list, "x".into(), WriteId::new()).await;
    assert!(append.unwrap_err().is_gone());
    assert!(!store.delete(&id).await.unwrap());
    assert!(store.list_of(&owner).await.unwrap().is_empty());
    assert!(store.delete_all_of(&owner, None).await.unwrap().is_empty());
    assert!(server.run(&["EXISTS", key]).starts_with(":1"));
    store.create(&id, NewSession::new(owner.clone(), Timeouts::default())).await.unwrap();
    assert_eq!(store.range(&id, &owner, &list, 0..9).await.unwrap().end, 0);
}

#[tokio::test]
async fn writes_are_known_for_a_while_and_the_latest_for_ever() {
    let server = Server::start();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let owner = Owner::user("user".parse().unwrap());
    let id: SessionId = "session".parse().unwrap();
    let list = "history".parse().unwrap();
    store.create(&id, NewSession::new(owner.clone(), Timeouts::default())).await.unwrap();
    let append = |write| store.append(&id, &owner, &list, "x".into(), write);
    let mut writes = Vec::new();
    for position in 0..10 {
        writes.push(WriteId::new());
        assert_eq!(append(writes[position]).await.unwrap().position, position as u64);
    }
    // As if they were three minutes ago.
    let age = "local k, t = KEYS[1], redis.call('TIME') for n = 0, 9 do local f = 'k:history:' .. n \
               redis.call('HSET', k, f, redis.call('HGET', k, f):sub(1, 16) .. \
               string.format('%.0f', t[1] * 1000 - 180000)) end return 1";
    assert!(server.run(&["EVAL", age, "1", "rc:s:{session}"]).starts_with(":1"));
    assert_eq!(append(writes[9]).await.unwrap().position, 9, "the latest is known");
    for _ in 0..3 {
        append(WriteId::new()).await.unwrap();
    }
    let known =
        (0..13).map(|n| server.run(&["HEXISTS", "rc:s:{session}", &format!("k:history:{n}")]));
    let known: String =
        known.map(|answer| answer.trim().trim_start_matches(':').to_owned()).collect();
    assert_eq!(known, "0000000000111", "old ones are forgotten");
    // The record, two fields of the list, an item each, and two fields for each write that is known.
    let fields = server.run(&["HLEN", "rc:s:{session}"]);
    assert_eq!(fields.trim(), format!(":{}", 11 + 2 + 13 + 2 * 3));
}

/// Under load a session of 1 ms may be over before the script that makes it.
#[tokio::test]
async fn a_session_of_a_millisecond_is_answered_and_leaves_nothing() {
    let server = Server::start();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let owner = Owner::user("user".parse().unwrap());
    let short = Timeouts::new(Duration::from_millis(1), Duration::from_secs(1));
    for n in 0..2000 {
        let id: SessionId = format!("session-{n}").parse().unwrap();
        store.create(&id, NewSession::new(owner.clone(), short)).await.unwrap();
        store.touch(&id).await.unwrap();
    }
    for key in server.run(&["KEYS", "rc:s:*"]).lines().skip(2).step_by(2) {
        assert!(!server.run(&["PTTL", key]).starts_with(":-1"), "{key} never ends");
    }
}
