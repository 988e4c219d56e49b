//! Serving until Ctrl-C.

use crate::Server;
use std::io;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::select;
use tokio::signal;
use tokio::time::sleep;

/// How long requests under way may still take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// Serves, with the log on stderr.
pub(crate) async fn run(server: Server, address: SocketAddr) -> ExitCode {
    server.log_to(io::stderr);
    match serve(server, address).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot serve on {address}: {error}");
            if error.kind() == ErrorKind::AddrInUse {
                eprintln!(
                    "Choose another port with `--listen 127.0.0.1:3001`, \
                     or any free one with `--listen 127.0.0.1:0`."
                );
            }
            ExitCode::FAILURE
        }
    }
}

async fn serve(server: Server, address: SocketAddr) -> io::Result<()> {
    let router = server.router().await?;
    let listener = TcpListener::bind(address).await?;
    println!("{}", welcome(server, listener.local_addr()?));
    let serving = axum::serve(listener, router).with_graceful_shutdown(interrupted());
    select! {
        result = serving => result?,
        () = async { interrupted().await; sleep(GRACE).await } => {
            println!("Some requests were cut off after {} s.", GRACE.as_secs());
        }
    }
    println!("Stopped.");
    Ok(())
}

async fn interrupted() {
    if signal::ctrl_c().await.is_err() {
        // Without the signal there is no clean stop; the server goes on until it is killed.
        std::future::pending::<()>().await;
    }
}

fn welcome(server: Server, address: SocketAddr) -> String {
    let (what, ben) = match server {
        Server::InContext => ("every request in its own context", "has not told his name"),
        Server::Naive => ("with module-level state", "is told the name of ada"),
    };
    let login = |user: &str| {
        format!(
            "  {user}=$(curl -s -o /dev/null -w '%header{{x-session-id}}' {address}/login \
             -H content-type:application/json -d '{{\"user\": \"{user}\"}}')"
        )
    };
    let line = |user: &str, message: &str| {
        format!(
            "  curl -N {address}/chat -H x-session-id:${user} -H content-type:application/json \
             -d '{{\"message\": \"{message}\"}}'"
        )
    };
    let logout = match server {
        Server::InContext => format!("  curl -X POST {address}/logout -H x-session-id:$ada\n"),
        Server::Naive => String::new(),
    };
    format!(
        "Chat server, {what}: http://{address} (Ctrl-C stops it).\n\
         From another terminal, two users ask the same; ben {ben}:\n\n{}\n{}\n{}\n{}\n{}\n{logout}",
        login("ada"),
        login("ben"),
        line("ada", "My name is Ada"),
        line("ada", "What is my name?"),
        line("ben", "What is my name?"),
    )
}
