//! Many users at once, over real sockets, and the table of what they found.

mod connection;
mod findings;
mod log;
mod progress;
mod report;
mod tally;
mod user;

use self::connection::Connection;
use self::log::Audit;
use self::log::CapturedLog;
use self::progress::Progress;
use self::tally::Tally;
use self::user::User;
use crate::Server;
use request_context::spawn_outside;
use std::io;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::oneshot;
use tokio::time::timeout;

const USERS_PER_CONNECTION: usize = 4;
/// Each takes two files of this process, which often may have 1,024.
const MAX_CONNECTIONS: usize = 128;
/// How long the server may take to stop when all users have left.
const GRACE: Duration = Duration::from_secs(10);

/// What a drive was, beside what it found.
struct Drive {
    server: Server,
    users: usize,
    connections: usize,
    took: Duration,
}

/// Serves on a free port, is `users` users at once, and prints the table.
pub(crate) async fn run(server: Server, users: usize) -> ExitCode {
    let log = CapturedLog::default();
    let writer = log.clone();
    server.log_to(move || writer.clone());
    let connections = users.div_ceil(USERS_PER_CONNECTION).min(MAX_CONNECTIONS);
    let start = Instant::now();
    match serve_and_visit(server, users, connections).await {
        Ok(tally) => {
            let drive = Drive { server, users, connections, took: start.elapsed() };
            let findings = findings::of(&drive, &tally, &Audit::of(&log.text()));
            report::print(&drive, &findings)
        }
        Err(error) => {
            eprintln!("error: cannot drive the server: {error}");
            ExitCode::from(3)
        }
    }
}

async fn serve_and_visit(server: Server, users: usize, connections: usize) -> io::Result<Tally> {
    let router = server.router().await?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async {
        // An error too says that it is over.
        let _ = stopped.await;
    });
    let serving = spawn_outside(serving.into_future());
    let tally = visit(address, users, connections).await;
    drop(stop);
    // When the server has stopped, every request has written its last log line.
    timeout(GRACE, serving).await???;
    Ok(tally)
}

async fn visit(address: SocketAddr, users: usize, connections: usize) -> Tally {
    let connections: Vec<_> =
        (0..connections).map(|_| Arc::new(Mutex::new(Connection::new(address)))).collect();
    let progress = Progress::start(users * user::REQUESTS);
    let users = User::crowd(users, &connections, &progress);
    let visits: Vec<_> = users.into_iter().map(|user| spawn_outside(user.visit())).collect();
    let mut tally = Tally::default();
    for visit in visits {
        tally.add(visit.await.unwrap_or_else(|error| Tally::failed(&error)));
    }
    progress.stop();
    tally
}
