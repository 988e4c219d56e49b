//! Sessions in a real Redis server: ours beside a bare pipeline of the same calls.
//!
//! Needs `redis-server`. Calls and bytes are as the server counts them; the rate is that of 64 tasks
//! on one connection, beside pipelines of 64 calls.

#![expect(clippy::disallowed_methods, reason = "tasks of no request")]

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::NewSession;
use request_context::session::RedisStore;
use request_context::session::SessionStore as _;
use request_context::session::Timeouts;
use request_context::session::Version;
use request_context::session::WriteId;
use request_context_benches::stores::DATA;
use std::error::Error;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;
use std::time::Instant;
use tokio::task::JoinSet;

const TASKS: usize = 64;
const TURNS: usize = 60;
const ROUNDS: usize = 11;

type Anything<T> = Result<T, Box<dyn Error>>;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Session {
    store: RedisStore,
    id: SessionId,
    owner: Owner,
    /// The owner as the store writes it down.
    owner_text: String,
}

#[derive(Clone, Copy)]
enum Operation {
    Load,
    Update,
}

fn main() -> Anything<()> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--save", "", "--bind", "127.0.0.1"]);
    let _server = Server(command.stdout(Stdio::null()).spawn()?);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        sleep(Duration::from_millis(20));
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(port))
}

async fn measure(port: u16) -> Anything<()> {
    let url = format!("redis://127.0.0.1:{port}");
    let store = RedisStore::connect(&url).await?;
    let mut bare = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let mut sessions = Vec::new();
    for number in 0..TASKS {
        let user = format!("user-{number}");
        let (id, owner) = (format!("{number:043}").parse()?, Owner::user(user.parse()?));
        store.create(&id, NewSession::new(owner.clone(), Timeouts::default())).await?;
        let owner_text = format!("u{}:{user}", user.len());
        sessions.push(Session { store: store.clone(), id, owner, owner_text });
    }
    let mut versions = 1;
    for (name, operation) in [("load", Operation::Load), ("update", Operation::Update)] {
        // Once, so that the server knows the script; then as it is seen by somebody who watches.
        ours(&sessions, operation, &mut versions, 1).await?;
        let mut monitor = BufReader::new(TcpStream::connect(("127.0.0.1", port))?);
        monitor.get_mut().write_all(b"MONITOR\r\n")?;
        monitor.read_line(&mut String::new())?;
        ours(&sessions[..1], operation, &mut versions.clone(), 1).await?;
        let mut line = String::new();
        while !line.to_ascii_lowercase().contains("\"evalsha\"") {
            line.clear();
            monitor.read_line(&mut line)?;
        }
        drop(monitor);
        let hash = line.split('"').nth(3).ok_or("no hash")?.to_owned();
        if let Operation::Update = operation {
            // The first session is one version ahead of the others: bring them there.
            ours(&sessions[1..], operation, &mut versions, 1).await?;
        }
        let before = totals(&mut bare).await?;
        ours(&sessions, operation, &mut versions, TURNS).await?;
        let after = totals(&mut bare).await?;
        let count = (TASKS * TURNS) as f64;
        println!("{name}/calls\t{:.2}", (after[0] - before[0]) / count);
        println!("{name}/bytes to the server\t{:.0}", (after[1] - before[1]) / count);
        println!("{name}/bytes from the server\t{:.0}", (after[2] - before[2]) / count);
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let start = Instant::now();
            ours(&sessions, operation, &mut versions, TURNS).await?;
            let time = start.elapsed();
            let start = Instant::now();
            pipelines(&mut bare, &hash, &sessions, operation, &mut versions).await?;
            ratios.push(start.elapsed().as_secs_f64() / time.as_secs_f64());
        }
        ratios.sort_by(f64::total_cmp);
        println!("{name}/rate, by that of a bare pipeline\t{:.2}", ratios[ROUNDS / 2]);
    }
    Ok(())
}

/// Each session so often, all at once.
async fn ours(
    sessions: &[Session],
    operation: Operation,
    versions: &mut u64,
    turns: usize,
) -> Anything<()> {
    let mut tasks = JoinSet::new();
    let first = *versions;
    for Session { store, id, owner, .. } in sessions {
        let (store, id, owner) = (store.clone(), id.clone(), owner.clone());
        tasks.spawn(async move {
            for turn in 0..turns as u64 {
                match operation {
                    Operation::Load => drop(store.load(&id).await?.ok_or("gone")?),
                    Operation::Update => {
                        let (expected, data) =
                            (Version::new(first + turn), Bytes::from_static(DATA));
                        store.update(&id, &owner, expected, data, WriteId::new()).await?;
                    }
                }
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(())
        });
    }
    if let Operation::Update = operation {
        *versions += turns as u64;
    }
    for done in tasks.join_all().await {
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The same calls, by hand.
async fn pipelines(
    bare: &mut MultiplexedConnection,
    hash: &str,
    sessions: &[Session],
    operation: Operation,
    versions: &mut u64,
) -> Anything<()> {
    for _ in 0..TURNS {
        let mut pipe = redis::pipe();
        for Session { id, owner_text, .. } in sessions {
            let call = pipe.cmd("EVALSHA").arg(hash).arg(1).arg(format!("rc:s:{{{id}}}")).arg(7);
            if let Operation::Update = operation {
                call.arg(owner_text).arg(*versions).arg(DATA.as_slice());
                call.arg(&WriteId::new().to_bytes()[..]).arg(120_000).arg(4096);
            }
        }
        let answers: Vec<Vec<redis::Value>> = pipe.query_async(bare).await?;
        let is_ok = |answer: &Vec<redis::Value>| matches!(answer.get(1), Some(redis::Value::BulkString(status)) if status == b"ok");
        if !answers.iter().all(is_ok) {
            return Err("the server refused a call of the bare pipeline".into());
        }
        if let Operation::Update = operation {
            *versions += 1;
        }
    }
    Ok(())
}

/// Scripts run, and bytes in and out.
async fn totals(bare: &mut MultiplexedConnection) -> Anything<[f64; 3]> {
    let info: String = redis::cmd("INFO").arg("all").query_async(bare).await?;
    let field = |name: &str| {
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.and_then(|value| value.trim().parse::<f64>().ok()).unwrap_or_default()
    };
    let commands = |name: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(name));
        let calls = line.and_then(|line| line.strip_prefix(":calls=")?.split(',').next());
        calls.and_then(|calls| calls.parse::<f64>().ok()).unwrap_or_default()
    };
    let calls = commands("cmdstat_evalsha") + commands("cmdstat_eval");
    Ok([calls, field("total_net_input_bytes"), field("total_net_output_bytes")])
}
