//! Answers that are withheld, swapped, cut or late; a server that goes away, comes back, forgets the
//! scripts or has no memory left.

use crate::support::Fault;
use crate::support::Load;
use crate::support::PATIENCE;
use crate::support::Proxy;
use crate::support::Server;
use crate::support::users;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::NewSession;
use request_context::session::RedisStore;
use request_context::session::SessionStore;
use request_context::session::StoreError;
use request_context::session::Timeouts;
use request_context::session::Update;
use request_context::session::Version;
use request_context::session::WriteId;
use std::error::Error;
use std::time::Duration;
use tokio::time::error::Elapsed;

/// Longer than a busy machine takes for an answer, and no longer than a test may wait.
const LIMIT: Duration = Duration::from_millis(1500);

/// Whether the call has ended because its time was over.
fn is_late(error: &StoreError) -> bool {
    error.source().and_then(|source| source.downcast_ref::<Elapsed>()).is_some()
}

async fn store_over(proxy: &Proxy) -> RedisStore {
    let builder = RedisStore::builder().response_timeout(LIMIT);
    let store = builder.connect(&proxy.url()).await.unwrap();
    // Each script is known, so that each call is one answer.
    let [(id, owner)] = &users(&store, 1).await[..] else { panic!() };
    store.load(id).await.unwrap();
    append(&store, id, owner, WriteId::new()).await.unwrap();
    update(&store, id, owner, WriteId::new()).await.unwrap();
    store
}

async fn append(
    store: &RedisStore,
    id: &SessionId,
    owner: &Owner,
    write: WriteId,
) -> Result<u64, StoreError> {
    let list = "history".parse().unwrap();
    Ok(store.append(id, owner, &list, id.as_str().to_owned().into(), write).await?.position)
}

async fn update(
    store: &RedisStore,
    id: &SessionId,
    owner: &Owner,
    write: WriteId,
) -> Result<Version, StoreError> {
    let version = store.load(id).await?.unwrap().version;
    match store.update(id, owner, version, "data".into(), write).await? {
        Update::Written(written) => Ok(written.version),
        Update::Conflict(now) => panic!("{now:?}"),
    }
}

async fn session(store: &RedisStore, name: &str) -> (SessionId, Owner) {
    let owner = Owner::user(name.parse().unwrap());
    let id: SessionId = format!("of-{name}").parse().unwrap();
    let new = NewSession::new(owner.clone(), Timeouts::default());
    store.create(&id, new.with_data(name.to_owned().into())).await.unwrap();
    (id, owner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withheld_answer_leaves_a_write_in_doubt_and_a_retry_happens_once() {
    let server = Server::start();
    let proxy = Proxy::to(server.address()).await;
    let store = store_over(&proxy).await;
    let (id, owner) = session(&store, "alice").await;
    let write = WriteId::new();
    proxy.set(Fault::Withhold);
    let error = append(&store, &id, &owner, write).await.unwrap_err();
    assert!(error.is_in_doubt() && is_late(&error), "{error}");
    assert!(proxy.has_happened());
    // Over the old connection each answer would be the one before.
    for _ in 0..3 {
        assert_eq!(append(&store, &id, &owner, write).await.unwrap(), 0);
        assert_eq!(store.load(&id).await.unwrap().unwrap().data, "alice");
    }
    let list = "history".parse().unwrap();
    assert_eq!(store.range(&id, &owner, &list, 0..9).await.unwrap().items.len(), 1);
    proxy.set(Fault::Withhold);
    assert!(store.load(&id).await.unwrap_err().is_unavailable());
    assert!(store.load(&id).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_connection_that_has_gone_silent_nothing_waits_for_ever() {
    let server = Server::start();
    let proxy = Proxy::to(server.address()).await;
    let store = store_over(&proxy).await;
    let (id, _) = session(&store, "alice").await;
    proxy.set(Fault::Silence);
    let calls = proxy.calls();
    let error = store.load(&id).await.unwrap_err();
    assert!(error.is_unavailable() && is_late(&error), "{error}");
    assert_eq!(proxy.calls() - calls, 1, "the limit is one for the whole call");
    // Perhaps the new connection does not even come about.
    assert!(store.touch(&id).await.unwrap_err().is_in_doubt());
    proxy.set(Fault::None);
    assert!(store.load(&id).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn swapped_answers_are_an_error_and_never_somebody_elses_data() {
    let server = Server::start();
    let proxy = Proxy::to(server.address()).await;
    let store = store_over(&proxy).await;
    let (alices, alice) = session(&store, "alice").await;
    let (bobs, bob) = session(&store, "bob").await;
    for round in 0..6 {
        proxy.set(Fault::Swap);
        let name =
            |record: Option<_>| record.map(|record: request_context::session::Record| record.data);
        let (one, other) = match round % 3 {
            0 => {
                let (one, other) = tokio::join!(store.load(&alices), store.load(&bobs));
                assert!(one.as_ref().is_err() && other.as_ref().is_err(), "{one:?} {other:?}");
                (one.map(drop), other.map(drop))
            }
            // Of one session, and of the same shape.
            1 => {
                let appends = (WriteId::new(), WriteId::new());
                let (one, other) = tokio::join!(
                    append(&store, &alices, &alice, appends.0),
                    append(&store, &alices, &alice, appends.1)
                );
                (one.map(drop), other.map(drop))
            }
            _ => {
                let (one, other) =
                    tokio::join!(append(&store, &bobs, &bob, WriteId::new()), store.load(&bobs));
                (one.map(drop), other.map(drop))
            }
        };
        assert!(proxy.has_happened());
        for answer in [one, other] {
            assert!(answer.unwrap_err().is_corrupt(), "in round {round}");
        }
        // The next call has a connection of which the answers are its own.
        for (id, data) in [(&alices, "alice"), (&bobs, "bob")] {
            let record = store.load(id).await.unwrap();
            assert_eq!(name(record).unwrap(), data);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_breaks_off_leaves_a_write_in_doubt() {
    let server = Server::start();
    let proxy = Proxy::to(server.address()).await;
    let store = store_over(&proxy).await;
    let (id, owner) = session(&store, "alice").await;
    for position in 0..3 {
        let write = WriteId::new();
        proxy.set(Fault::Cut);
        let error = append(&store, &id, &owner, write).await.unwrap_err();
        assert!(error.is_in_doubt() && proxy.has_happened(), "{error}");
        assert_eq!(append(&store, &id, &owner, write).await.unwrap(), position);
        // What changes nothing is asked again.
        proxy.set(Fault::Cut);
        assert_eq!(store.load(&id).await.unwrap().unwrap().data, "alice");
        assert!(proxy.has_happened());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_in_another_sessions_place_is_an_error() {
    let server = Server::start();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let (alices, alice) = session(&store, "alice").await;
    let (bobs, _) = session(&store, "bob").await;
    assert!(server.run(&["COPY", "rc:s:{of-alice}", "rc:s:{of-bob}", "REPLACE"]).starts_with(":1"));
    assert!(store.load(&bobs).await.unwrap_err().is_corrupt());
    assert!(store.touch(&bobs).await.unwrap_err().is_corrupt());
    assert!(append(&store, &bobs, &alice, WriteId::new()).await.unwrap_err().is_corrupt());
    assert!(store.load(&alices).await.unwrap().is_some());
    server.run(&["SET", "rc:s:{of-bob}", "no hash"]);
    assert!(store.load(&bobs).await.unwrap_err().is_corrupt());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_past_the_limit_is_in_doubt_and_a_retry_happens_once() {
    let server = Server::start();
    let builder = RedisStore::builder().response_timeout(Duration::from_millis(300));
    let store = builder.connect(&server.url()).await.unwrap();
    let patient = RedisStore::builder().response_timeout(PATIENCE);
    let patient = patient.connect(&server.url()).await.unwrap();
    let (id, owner) = session(&patient, "alice").await;
    append(&patient, &id, &owner, WriteId::new()).await.unwrap();
    let write = WriteId::new();
    server.signal("-STOP");
    let error = append(&store, &id, &owner, write).await.unwrap_err();
    assert!(store.load(&id).await.unwrap_err().is_unavailable());
    server.signal("-CONT");
    assert!(error.is_in_doubt() && is_late(&error), "{error}");
    assert_eq!(append(&patient, &id, &owner, write).await.unwrap(), 1);
    assert_eq!(append(&patient, &id, &owner, write).await.unwrap(), 1);
    let list = "history".parse().unwrap();
    assert_eq!(patient.range(&id, &owner, &list, 0..9).await.unwrap().end, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_nothing_has_happened_and_it_is_said_at_once() {
    let mut server = Server::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
    // Whoever waited for an answer would wait until the test is ended from outside.
    let builder = RedisStore::builder().response_timeout(Duration::from_secs(24 * 60 * 60));
    let store = builder.connect(&server.url()).await.unwrap();
    let (id, owner) = session(&store, "alice").await;
    server.kill();
    // The loss itself may be what the first call sees.
    let _ = store.touch(&id).await;
    let write = WriteId::new();
    for _ in 0..5 {
        assert!(append(&store, &id, &owner, write).await.unwrap_err().is_unavailable());
        assert!(store.load(&id).await.unwrap_err().is_unavailable());
    }
    let error = RedisStore::connect(&server.url()).await.unwrap_err();
    assert!(error.is_unreachable(), "{error}");
    server.restart();
    assert_eq!(append(&store, &id, &owner, write).await.unwrap(), 0);
    assert_eq!(store.load(&id).await.unwrap().unwrap().data, "alice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_and_comes_back_under_load_loses_no_acknowledged_write() {
    let mut server = Server::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let builder = RedisStore::builder().response_timeout(PATIENCE);
    let store = builder.connect(&server.url()).await.unwrap();
    let load = Load::start(&store, 20, 16).await;
    for _ in 0..3 {
        load.goes_on(100).await;
        server.kill();
        // More than there are tasks: some have begun when it was away already.
        load.fails(32).await;
        server.restart();
    }
    load.goes_on(100).await;
    let tally = load.settle(&store).await;
    assert!(tally.acknowledged > 100, "{tally:?}");
    assert!(tally.refused > 0 && tally.doubt + tally.retried > 0, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_forgets_the_scripts_under_load_is_told_them_again() {
    let server = Server::start();
    let builder = RedisStore::builder().response_timeout(PATIENCE);
    let store = builder.connect(&server.url()).await.unwrap();
    let load = Load::start(&store, 20, 16).await;
    for _ in 0..20 {
        load.goes_on(20).await;
        assert!(server.run(&["SCRIPT", "FLUSH"]).starts_with("+OK"));
    }
    let tally = load.settle(&store).await;
    assert!(tally.acknowledged > 100, "{tally:?}");
    assert_eq!((tally.refused, tally.doubt, tally.retried), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_memory_refuses_what_grows_and_nothing_else() {
    let server = Server::start_with(&["--maxmemory", "6mb"]);
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let (id, owner) = session(&store, "alice").await;
    let large = |n| {
        let new = NewSession::new(Owner::nobody(), Timeouts::default());
        let id: SessionId = format!("large-{n}").parse().unwrap();
        (id, new.with_data(vec![b'x'; 60_000].into()))
    };
    let mut made = 0;
    let error = loop {
        let (id, new) = large(made);
        match store.create(&id, new).await {
            Ok(_) => made += 1,
            Err(error) => break error,
        }
        assert!(made < 1000, "it takes everything");
    };
    assert!(error.is_capacity() && error.limit() == Some("sessions"), "{error}");
    assert!(store.load(&large(made).0).await.unwrap().is_none(), "what is refused is there");
    for n in 0..made {
        assert!(store.load(&large(n).0).await.unwrap().is_some(), "a session made room");
    }
    // Far too little, so that not even an item fits.
    server.run(&["CONFIG", "SET", "maxmemory", "100000"]);
    assert_eq!(
        append(&store, &id, &owner, WriteId::new()).await.unwrap_err().limit(),
        Some("sessions")
    );
    assert_eq!(
        update(&store, &id, &owner, WriteId::new()).await.unwrap_err().limit(),
        Some("sessions")
    );
    // What only lengthens a life or frees memory goes on.
    assert!(store.touch(&id).await.unwrap().is_some());
    assert!(store.delete(&id).await.unwrap());
    for n in 0..made {
        assert!(store.delete(&large(n).0).await.unwrap());
    }
    server.run(&["CONFIG", "SET", "maxmemory", "6mb"]);
    session(&store, "bob").await;
}
