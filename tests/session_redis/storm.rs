//! Calls that are cancelled at random, over a way that is slow and comes in pieces. The client that
//! leaves an answer on a shared connection is there to show that the storm is one.

use crate::support::PATIENCE;
use crate::support::Proxy;
use crate::support::Random;
use crate::support::Server;
use crate::support::end_of_message;
use crate::support::users;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::RedisStore;
use request_context::session::Rotation;
use request_context::session::SessionStore;
use request_context::session::StoreError;
use request_context::session::Timeouts;
use request_context::session::Update;
use request_context::session::WriteId;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::timeout;

const CALLS: usize = 3200;
const TASKS: usize = 32;
const USERS: usize = 100;

#[derive(Debug, Default)]
struct Tally {
    answered: usize,
    cancelled: usize,
    wrong: usize,
}

/// A client that is not safe to cancel: who stops between writing and reading leaves the answer to
/// the next caller.
struct Unsafe {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Unsafe {
    async fn data_of(&mut self, user: usize) -> Vec<u8> {
        let key = format!("rc:s:{{session-{user}}}");
        let call = format!("*3\r\n$4\r\nHGET\r\n${}\r\n{key}\r\n$1\r\nd\r\n", key.len());
        self.stream.write_all(call.as_bytes()).await.unwrap();
        loop {
            if let Some(end) = end_of_message(&self.bytes) {
                return self.bytes.drain(..end).collect();
            }
            assert_ne!(self.stream.read_buf(&mut self.bytes).await.unwrap(), 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_storm_makes_an_unsafe_client_give_wrong_answers() {
    let server = Server::start();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    users(&store, USERS).await;
    let proxy = Proxy::slow_to(server.address()).await;
    let stream = TcpStream::connect(proxy.address()).await.unwrap();
    let client = Mutex::new(Unsafe { stream, bytes: Vec::new() });
    let (mut tally, mut random) = (Tally::default(), Random::new(1));
    for n in 0..200 {
        let user = random.below(USERS);
        let call = async { client.lock().await.data_of(user).await };
        match timeout(limit(&mut random, n, 30_000), call).await {
            Err(_) => tally.cancelled += 1,
            Ok(answer)
                if answer == format!("${}\r\n{user}\r\n", user.to_string().len()).as_bytes() =>
            {
                tally.answered += 1;
            }
            Ok(_) => tally.wrong += 1,
        }
    }
    assert!(tally.wrong > 20, "{tally:?}");
}

/// When a call is cancelled. A few are not, however slow the machine is.
fn limit(random: &mut Random, n: usize, most_micros: usize) -> Duration {
    let micros = random.below(most_micros);
    if n.is_multiple_of(4) { PATIENCE } else { Duration::from_micros(micros as u64) }
}

/// What a user has been told of their session.
struct User {
    id: SessionId,
    owner: Owner,
    /// Each item of which an append was answered, by its position.
    told: Vec<(u64, String)>,
    /// Each item that somebody has tried to append.
    tried: Vec<String>,
    updates: u64,
    tried_updates: u64,
    /// A rotation that was asked for, and perhaps cancelled.
    rotation: Option<Rotation>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_cancelled_calls_gives_no_wrong_answer_and_loses_nothing() {
    let server = Server::start();
    let direct = RedisStore::connect(&server.url()).await.unwrap();
    let proxy = Proxy::slow_to(server.address()).await;
    let builder = RedisStore::builder().response_timeout(PATIENCE);
    let store = builder.connect(&proxy.url()).await.unwrap();
    let users: Vec<_> = users(&direct, USERS)
        .await
        .into_iter()
        .map(|(id, owner)| {
            let (told, tried) = (Vec::new(), Vec::new());
            Arc::new(Mutex::new(User {
                id,
                owner,
                told,
                tried,
                updates: 0,
                tried_updates: 0,
                rotation: None,
            }))
        })
        .collect();
    let users = Arc::new(users);
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (store, users) = (store.clone(), Arc::clone(&users));
        tasks.spawn(async move {
            let (mut tally, mut random) = (Tally::default(), Random::new(task as u64 + 7));
            for n in 0..CALLS / TASKS {
                let place = random.below(USERS);
                let mut user = users[place].lock().await;
                match timeout(
                    limit(&mut random, n, 24_000),
                    step(&store, &mut user, place, task, n),
                )
                .await
                {
                    Err(_) => tally.cancelled += 1,
                    Ok(Ok(true)) => tally.answered += 1,
                    Ok(Ok(false)) => tally.wrong += 1,
                    Ok(Err(error)) => panic!("{error}: {:?}", std::error::Error::source(&error)),
                }
            }
            tally
        });
    }
    let mut tally = Tally::default();
    while let Some(of_task) = tasks.join_next().await {
        let of_task = of_task.unwrap();
        tally.answered += of_task.answered;
        tally.cancelled += of_task.cancelled;
        tally.wrong += of_task.wrong;
    }
    assert_eq!(tally.wrong, 0, "{tally:?}");
    assert!(tally.answered > 200 && tally.cancelled > 500, "{tally:?}");
    for (place, user) in users.iter().enumerate() {
        let user = user.lock().await;
        check(&direct, &user, place).await;
    }
}

/// One call; whether its answer is right.
async fn step(
    store: &RedisStore,
    user: &mut User,
    place: usize,
    task: usize,
    n: usize,
) -> Result<bool, StoreError> {
    let list = "history".parse().unwrap();
    // Whoever has cancelled a rotation does not know which session is there, and asks again.
    if (task + n) % 5 == 3 && user.rotation.is_none() {
        let next: SessionId = format!("next-{place}-{task}-{n}").parse().unwrap();
        user.rotation = Some(Rotation::new(next, user.owner.clone(), Timeouts::default()));
    }
    if let Some(rotation) = &user.rotation {
        let record = store.rotate(&user.id, &user.owner, rotation.clone()).await?;
        user.id = rotation.id.clone();
        user.rotation = None;
        return Ok(record.id == user.id && record.owner == user.owner);
    }
    let is_theirs = |item: &[u8]| item.starts_with(format!("{place}:").as_bytes());
    match (task + n) % 5 {
        0 => {
            let record = store.load(&user.id).await?;
            Ok(record.is_some_and(|record| {
                let data = record.data == place.to_string() || is_theirs(&record.data);
                data && record.owner == user.owner && record.id == user.id
            }))
        }
        1 => {
            let items = store.range(&user.id, &user.owner, &list, 0..u64::MAX).await?;
            Ok(items.items.iter().all(|item| is_theirs(item)))
        }
        2 => {
            let record = store.load(&user.id).await?.unwrap();
            user.tried_updates += 1;
            let (version, data) = (record.version, format!("{place}:{task}-{n}"));
            let write = WriteId::new();
            match store.update(&user.id, &user.owner, version, data.into(), write).await? {
                Update::Written(written) => {
                    user.updates += 1;
                    Ok(written.version == version.next())
                }
                // Of a call that was cancelled, and has happened meanwhile.
                Update::Conflict(now) => Ok(now.version > version && now.id == user.id),
            }
        }
        _ => {
            let item = format!("{place}:{task}-{n}");
            user.tried.push(item.clone());
            let write = WriteId::new();
            let append =
                store.append(&user.id, &user.owner, &list, item.clone().into(), write).await?;
            user.told.push((append.position, item));
            Ok(true)
        }
    }
}

async fn check(store: &RedisStore, user: &User, place: usize) {
    let listed = store.list_of(&user.owner).await.unwrap();
    assert_eq!(listed.len(), 1, "user {place} has {listed:?}");
    let id = &listed[0].id;
    let list = "history".parse().unwrap();
    let items = store.range(id, &user.owner, &list, 0..u64::MAX).await.unwrap().items;
    for (position, item) in &user.told {
        assert_eq!(items[usize::try_from(*position).unwrap()], *item, "user {place}");
    }
    for item in &items {
        let times = items.iter().filter(|other| *other == item).count();
        assert!(
            times == 1 && user.tried.iter().any(|tried| tried == item),
            "user {place}: {item:?}"
        );
    }
    let version = store.load(id).await.unwrap().unwrap().version.get();
    assert!(version > user.updates && version <= 1 + user.tried_updates, "user {place}: {version}");
}
