//! Two fronts on one Redis, as two processes have: what is over in the one is over in the other at its
//! next use of the store.

use crate::support::Cluster;
use crate::support::PATIENCE;
use crate::support::Server;
use request_context::RequestContext;
use request_context::owner::Owner;
use request_context::session::ListName;
use request_context::session::Outbox;
use request_context::session::Outgoing;
use request_context::session::RedisStore;
use request_context::session::Session;
use request_context::session::SessionError;
use request_context::session::SessionToken;
use request_context::session::SessionValue;
use request_context::session::Sessions;
use serde::Deserialize;
use serde::Serialize;

const HISTORY: ListName = ListName::literal("history");

#[derive(Default, Serialize, Deserialize)]
struct Count(u32);

impl SessionValue for Count {
    const KEY: &'static str = "count";
}

fn ada() -> Owner {
    Owner::user("ada".parse().unwrap())
}

async fn front(server: &Server) -> Sessions {
    let builder = RedisStore::builder().response_timeout(PATIENCE);
    let store = builder.connect(&server.url()).await.unwrap();
    Sessions::new(store).with_operation_timeout(PATIENCE)
}

async fn front_of_cluster(cluster: &Cluster) -> Sessions {
    let urls = cluster.urls();
    let builder = RedisStore::builder().response_timeout(PATIENCE);
    let store = builder.connect_cluster(urls.iter().map(String::as_str)).await.unwrap();
    Sessions::new(store).with_operation_timeout(PATIENCE)
}

/// A request with a token, if there is such a session.
async fn open(front: &Sessions, token: &SessionToken) -> Option<(RequestContext, Outbox)> {
    let opened = front.open(token).await.unwrap()?;
    let outbox = Outbox::new();
    let context = front.enter(&RequestContext::new(), Some(opened), &outbox).unwrap();
    Some((context, outbox))
}

async fn add(context: &RequestContext) -> Result<u32, SessionError> {
    let add = |count: &mut Count| {
        count.0 += 1;
        count.0
    };
    context.clone().scope(async { Session::current().update(add).await }).await
}

async fn get(context: &RequestContext) -> Result<Option<u32>, SessionError> {
    let get = async { Session::current().get::<Count>().await };
    Ok(context.clone().scope(get).await?.map(|count| count.0))
}

async fn rotate(context: &RequestContext) -> Result<RequestContext, SessionError> {
    context.clone().scope(async { Session::current().rotate().await }).await
}

async fn log_out(context: &RequestContext) {
    context.clone().scope(async { Session::current().log_out().await }).await.unwrap();
}

#[tokio::test]
async fn an_open_handle_elsewhere_is_revoked_at_its_next_use_of_the_store() {
    let server = Server::start();
    let (here, there) = (front(&server).await, front(&server).await);
    for way in 0..4 {
        for operation in 0..6 {
            let (token, opened) = here.create(&ada()).await.unwrap();
            let id = opened.id().clone();
            let (mine, _) = open(&here, &token).await.unwrap();
            let (theirs, _) = open(&there, &token).await.unwrap();
            add(&theirs).await.unwrap();
            match way {
                0 => log_out(&mine).await,
                1 => drop(rotate(&mine).await.unwrap()),
                2 => assert!(here.delete(&id).await.unwrap()),
                _ => assert_eq!(here.delete_all_of(&ada(), None).await.unwrap(), [id]),
            }
            // What was read before is shown until the store is asked.
            assert!(!theirs.is_revoked());
            assert_eq!(get(&theirs).await.unwrap(), Some(1));
            let used = theirs.clone().scope(async {
                let session = Session::current();
                match operation {
                    0 => session.update(|count: &mut Count| count.0 += 1).await,
                    1 => session.append(&HISTORY, "x").await.map(drop),
                    2 => session.range::<String>(&HISTORY, 0..9).await.map(drop),
                    3 => session.trim(&HISTORY, 0).await,
                    4 => session.touch().await,
                    _ => session.rotate().await.map(drop),
                }
            });
            assert!(used.await.unwrap_err().is_revoked(), "{way} {operation}");
            assert!(theirs.is_revoked(), "{way} {operation}");
            assert!(get(&theirs).await.unwrap_err().is_revoked(), "not even what was read before");
            assert!(open(&there, &token).await.is_none());
            here.delete_all_of(&ada(), None).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_logout_follows_the_rotations_of_another_process() {
    let server = Server::start();
    let (here, there) = (front(&server).await, front(&server).await);
    follows(&here, &there).await;
}

#[tokio::test]
async fn so_also_in_a_cluster() {
    let cluster = Cluster::start();
    let (here, there) = (front_of_cluster(&cluster).await, front_of_cluster(&cluster).await);
    follows(&here, &there).await;
}

async fn follows(here: &Sessions, there: &Sessions) {
    let (token, opened) = here.create(&ada()).await.unwrap();
    let (old, _) = open(there, &token).await.unwrap();
    let mut token = token;
    for _ in 0..3 {
        let (request, outbox) = open(here, &token).await.unwrap();
        drop(rotate(&request).await.unwrap());
        let Some(Outgoing::Token(next)) = outbox.close() else { panic!("no token") };
        token = next;
    }
    let (open_here, _) = open(here, &token).await.unwrap();
    log_out(&old).await;
    assert!(here.list_of(&ada()).await.unwrap().is_empty());
    assert!(add(&open_here).await.unwrap_err().is_revoked());
    assert!(open(here, &token).await.is_none());
    assert!(!there.delete(opened.id()).await.unwrap());

    // Another user's login is another one.
    let (token, _opened) = here.create(&ada()).await.unwrap();
    let (old, _) = open(there, &token).await.unwrap();
    let (request, _) = open(here, &token).await.unwrap();
    let log_in = async { Session::current().log_in("eve".parse().unwrap(), None).await };
    let eve = request.scope(log_in).await.unwrap();
    log_out(&old).await;
    assert_eq!(add(&eve).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_requests_of_two_processes_that_rotate_and_log_out_none_leaves_a_session() {
    let server = Server::start();
    let fronts = [front(&server).await, front(&server).await];
    for round in 0..20 {
        let (token, _opened) = fronts[0].create(&ada()).await.unwrap();
        let mut requests = Vec::new();
        for n in 0..64 {
            requests.push(open(&fronts[n % 2], &token).await.unwrap());
        }
        let mut tasks = Vec::new();
        for (n, (mut request, mut outbox)) in requests.into_iter().enumerate() {
            let front = fronts[n % 2].clone();
            tasks.push(tokio::spawn(async move {
                for _ in 0..(n * 7 + round) % 23 {
                    tokio::task::yield_now().await;
                }
                if n < 1 + round % 3 {
                    log_out(&request).await;
                    assert!(front.list_of(&ada()).await.unwrap().is_empty(), "acknowledged");
                    return;
                }
                while rotate(&request).await.is_ok() {
                    let Some(Outgoing::Token(token)) = outbox.close() else { return };
                    let Some(next) = open(&front, &token).await else { return };
                    (request, outbox) = next;
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert!(fronts[0].list_of(&ada()).await.unwrap().is_empty());
    }
}
