//! Two processes on one Redis: the test runs itself twice more.

use crate::support::PATIENCE;
use crate::support::Random;
use crate::support::Server;
use crate::support::users;
use futures::StreamExt;
use request_context::ContextStreamExt;
use request_context::RequestContext;
use request_context::owner::Owner;
use request_context::session::ListName;
use request_context::session::Outbox;
use request_context::session::RedisStore;
use request_context::session::Session;
use request_context::session::SessionError;
use request_context::session::SessionStore;
use request_context::session::SessionToken;
use request_context::session::Sessions;
use request_context::session::Update;
use request_context::session::WriteId;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use tokio::task::JoinSet;

const USERS: usize = 1000;
const TASKS: usize = 16;

fn duration() -> Duration {
    let seconds = if std::env::var_os("SOAK").is_some_and(|soak| soak == "1") { 60 } else { 5 };
    Duration::from_secs(seconds)
}

async fn connect(url: &str) -> RedisStore {
    RedisStore::builder().response_timeout(PATIENCE).connect(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_users_in_two_processes_nothing_is_lost_and_nothing_crosses() {
    let server = Server::start();
    let store = connect(&server.url()).await;
    let users = users(&store, USERS).await;
    for (n, (id, owner)) in users.iter().enumerate() {
        let data = format!("{n} 0").into();
        let version = request_context::session::Version::FIRST;
        store.update(id, owner, version, data, WriteId::new()).await.unwrap();
    }
    let workers: Vec<_> = (0..2)
        .map(|worker| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "processes::a_worker", "--nocapture"])
                .env("WORKER", worker.to_string())
                .env("WORKER_URL", server.url())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let (mut appended, mut counted) = (vec![0; USERS], vec![0; USERS]);
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        for line in text.lines().filter_map(|line| line.split_once("told: ")) {
            let numbers: Vec<usize> = line.1.split(' ').map(|text| text.parse().unwrap()).collect();
            appended[numbers[0]] += numbers[1];
            counted[numbers[0]] += numbers[2];
        }
    }
    assert!(appended.iter().sum::<usize>() > USERS, "it was no load");
    for (n, (id, owner)) in users.iter().enumerate() {
        let record = store.load(id).await.unwrap().expect("the session is lost");
        assert_eq!(record.data, format!("{n} {}", counted[n]));
        let items = store.range(id, owner, &"history".parse().unwrap(), 0..u64::MAX).await.unwrap();
        assert_eq!(items.items.len(), appended[n], "user {n}");
        let mut items: Vec<_> = items.items.into_iter().map(|item| item.to_vec()).collect();
        assert!(items.iter().all(|item| item.starts_with(format!("{n}:").as_bytes())), "crossed");
        items.sort();
        items.dedup();
        assert_eq!(items.len(), appended[n], "user {n}: doubled");
    }
}

/// What each process does; nothing when it is run as a test of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker() {
    let (Ok(worker), Ok(url)) = (std::env::var("WORKER"), std::env::var("WORKER_URL")) else {
        return;
    };
    let store = connect(&url).await;
    let until = Instant::now() + duration();
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (store, worker) = (store.clone(), worker.clone());
        tasks.spawn(async move {
            let mut random = Random::new(task as u64 + 1000 * worker.parse::<u64>().unwrap());
            let mut told = vec![(0, 0); USERS];
            let mut n = 0;
            // On a slow machine too, enough of it to be a load.
            while Instant::now() < until || n < USERS / TASKS {
                n += 1;
                let user = random.below(USERS);
                drive(&store, user, &format!("{user}:{worker}-{task}-{n}"), &mut told[user]).await;
            }
            told
        });
    }
    let mut told = vec![(0, 0); USERS];
    while let Some(of_task) = tasks.join_next().await {
        for (all, of_task) in told.iter_mut().zip(of_task.unwrap()) {
            *all = (all.0 + of_task.0, all.1 + of_task.1);
        }
    }
    for (user, (appended, counted)) in told.iter().enumerate() {
        println!("\ntold: {user} {appended} {counted}");
    }
}

async fn drive(store: &RedisStore, user: usize, item: &str, told: &mut (usize, usize)) {
    let owner = Owner::user(format!("user-{user}").parse().unwrap());
    let id: Arc<request_context::SessionId> = Arc::new(format!("session-{user}").parse().unwrap());
    let list = "history".parse().unwrap();
    let write = WriteId::new();
    let append = store.append(&id, &owner, &list, item.to_owned().into(), write).await.unwrap();
    told.0 += 1;
    let positions = append.position.saturating_sub(3)..append.position + 1;
    let items = store.range(&id, &owner, &list, positions).await.unwrap().items;
    assert_eq!(items.last().unwrap(), item);
    assert!(items.iter().all(|item| item.starts_with(format!("{user}:").as_bytes())), "crossed");
    let mut record = store.load(&id).await.unwrap().expect("the session is lost");
    loop {
        let text = String::from_utf8(record.data.to_vec()).unwrap();
        let (whose, count) = text.split_once(' ').unwrap();
        assert_eq!(whose, user.to_string(), "crossed");
        assert_eq!(record.owner, owner, "crossed");
        let next = format!("{whose} {}", count.parse::<usize>().unwrap() + 1).into();
        match store.update(&id, &owner, record.version, next, WriteId::new()).await.unwrap() {
            Update::Written(_) => break,
            Update::Conflict(now) => record = *now,
        }
    }
    told.1 += 1;
}

const HISTORY: ListName = ListName::literal("history");

/// Ada's request in this process, by the token of her session.
async fn request_by(token: &SessionToken, url: &str) -> RequestContext {
    let sessions = Sessions::new(connect(url).await).with_operation_timeout(PATIENCE);
    let opened = sessions.open(token).await.unwrap().expect("the session is there");
    sessions.enter(&RequestContext::new(), Some(opened), &Outbox::new()).unwrap()
}

async fn append() -> Result<u64, SessionError> {
    Session::current().append(&HISTORY, "x").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_in_one_process_revokes_tasks_and_streams_of_another() {
    let server = Server::start();
    let sessions = Sessions::new(connect(&server.url()).await);
    for way in ["log_out", "delete_all_of", "rotate"] {
        let ada = Owner::user("ada".parse().unwrap());
        let (token, _opened) = sessions.create(&ada).await.unwrap();
        let mine = request_by(&token, &server.url()).await;
        let mut other = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::another_with_open_work", "--nocapture"])
            .env("WORKER_URL", server.url())
            .env("WORKER_TOKEN", token.reveal(str::to_owned))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut orders, answers) = (other.stdin.take().unwrap(), other.stdout.take().unwrap());
        let mut answers = BufReader::new(answers).lines().map(Result::unwrap);
        let mut order = || {
            orders.write_all(b"go on\n").unwrap();
            let told =
                answers.by_ref().find_map(|line| Some(line.split_once("told: ")?.1.to_owned()));
            told.expect("the other process answers")
        };
        assert_eq!(order(), "task 0, stream 1");
        assert_eq!(order(), "task 2, stream 3");
        match way {
            "log_out" => mine.scope(async { Session::current().log_out().await }).await.unwrap(),
            "rotate" => {
                drop(mine.scope(async { Session::current().rotate().await }).await.unwrap());
            }
            _ => drop(sessions.delete_all_of(&ada, None).await.unwrap()),
        }
        assert_eq!(order(), "task revoked, stream revoked", "{way}");
        drop(orders);
        assert!(other.wait().unwrap().success());
        sessions.delete_all_of(&ada, None).await.unwrap();
    }
}

/// What the other process does; nothing when it is run as a test of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_with_open_work() {
    let (Ok(token), Ok(url)) = (std::env::var("WORKER_TOKEN"), std::env::var("WORKER_URL")) else {
        return;
    };
    let request = request_by(&SessionToken::parse(&token).unwrap(), &url).await;
    let (go_on, mut task_goes_on) = tokio::sync::mpsc::channel::<()>(1);
    let (tells, mut told) = tokio::sync::mpsc::channel(1);
    // Both are begun in the request, and outlive its handler.
    let (task, mut stream) = request.sync_scope(|| {
        let task = request_context::spawn(async move {
            while task_goes_on.recv().await.is_some() {
                tells.send(append().await).await.unwrap();
            }
        });
        let stream = futures::stream::repeat(()).then(|()| append());
        (task, Box::pin(stream.in_current_context()))
    });
    let word = |answer: Result<u64, SessionError>| match answer {
        Ok(position) => position.to_string(),
        Err(error) if error.is_revoked() => "revoked".to_owned(),
        Err(error) => error.to_string(),
    };
    for _ in std::io::stdin().lines() {
        go_on.send(()).await.unwrap();
        let task = word(told.recv().await.unwrap());
        let stream = word(stream.next().await.unwrap());
        println!("\ntold: task {task}, stream {stream}");
    }
    drop(go_on);
    task.await.unwrap();
}
