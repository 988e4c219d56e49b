//! A chat server for many users at once, each request in its own context: the main job of the crate.
//!
//! Two published incidents are behind it: an agent server whose chat history was a global, and a
//! patient portal whose `currentUser` was a module variable. Here the same server stands twice:
//!
//! - `server`, `agent`, `conversation`, `sessions`: with a
//!   [`RequestContext`](request_context::RequestContext) around each request, and each conversation in
//!   its session. Start reading in `server`.
//! - `naive`: with module-level state, as the incidents had it.
//!
//! `protocol` and `responder` serve both; `drive` is many users at once, and the table of what they
//! found. `cargo run --example chat -- --help` says how to start each.

mod agent;
mod args;
mod conversation;
mod drive;
mod naive;
mod protocol;
mod responder;
mod serve;
mod server;
mod sessions;

use crate::args::Command;
use axum::Router;
use request_context::LogFields;
use request_context::LogLayer;
use std::io;
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Which of the two servers.
#[derive(Clone, Copy)]
enum Server {
    InContext,
    Naive,
}

impl Server {
    async fn router(self) -> io::Result<Router> {
        match self {
            Self::InContext => {
                let sessions = sessions::open().await;
                Ok(server::router(sessions.map_err(io::Error::other)?))
            }
            Self::Naive => Ok(naive::router()),
        }
    }

    /// Sends the log of the program to `writer`, one JSON object a line.
    fn log_to<W>(self, writer: W)
    where
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        let filtered = tracing_subscriber::registry().with(LevelFilter::INFO);
        match self {
            Self::InContext => filtered.with(LogLayer::json().with_writer(writer)).init(),
            Self::Naive => {
                let lines = tracing_subscriber::fmt::layer().json().with_writer(writer);
                filtered.with(lines).init();
            }
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    request_context::install_panic_hook(LogFields::all());
    match Command::from_env() {
        Ok(Command::Serve { server, address }) => serve::run(server, address).await,
        Ok(Command::Drive { server, users }) => drive::run(server, users).await,
        Ok(Command::Help) => {
            print!("{}", args::HELP);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}\nTry `cargo run --example chat -- --help`.");
            ExitCode::from(2)
        }
    }
}
