//! The same calls by hand: pipelines of one for each session.

use super::Anything;
use super::Done;
use super::Operation;
use super::Ours;
use super::Server;
use super::Sessions;
use super::ours::LIST;
use super::ours::Session;
use super::ours::get;
use super::ours::set;
use redis::Cmd;
use redis::aio::MultiplexedConnection;
use request_context::session::WriteId;
use request_context_benches::stores::DATA;
use std::io::BufRead as _;

pub struct ByHand {
    connection: MultiplexedConnection,
    sessions: Vec<Session>,
    /// The script of each operation.
    hashes: [String; 4],
}

impl ByHand {
    /// Hears from the server which scripts ours calls.
    pub async fn like(ours: &Ours, server: &Server) -> Anything<Self> {
        let client = redis::Client::open(server.url())?;
        let connection = client.get_multiplexed_async_connection().await?;
        let mut hashes = [const { String::new() }; 4];
        for (hash, (_, operation)) in hashes.iter_mut().zip(Operation::ALL) {
            // Once, so that the server knows the script; then as it is seen by who watches.
            ours.run(operation, 1).await?;
            let mut monitor = server.monitor()?;
            ours.run(operation, 1).await?;
            let mut line = String::new();
            while !line.to_ascii_lowercase().contains("\"evalsha\"") {
                line.clear();
                monitor.read_line(&mut line)?;
            }
            *hash = line.split('"').nth(3).ok_or("no hash")?.to_owned();
        }
        Ok(Self { connection, sessions: ours.sessions.clone(), hashes })
    }

    fn call(&self, session: &Session, operation: Operation) -> Cmd {
        let [id, other] = get(&session.ids);
        let key = |id| format!("rc:s:{{{id}}}");
        let owner = &session.owner_text;
        let write = WriteId::new().to_bytes();
        let mut call = redis::cmd("EVALSHA");
        call.arg(&self.hashes[operation as usize]);
        if operation == Operation::Rotate {
            let index = format!("rc:o:{{{owner}}}");
            call.arg(4).arg(key(&id)).arg(key(&other)).arg(&index).arg(&index).arg(7);
            call.arg(id.as_str()).arg(other.as_str()).arg(owner).arg(owner);
            call.arg(30 * 60_000).arg(8 * 60 * 60_000).arg(&write[..]).arg(100);
            call.arg("rc:").arg(120_000).arg(1);
            set(&session.ids, [other, id]);
            return call;
        }
        call.arg(1).arg(key(&id)).arg(7);
        if operation == Operation::Update {
            let version = get(&session.version);
            call.arg(owner).arg(version).arg(DATA.as_slice()).arg(&write[..]).arg(120_000);
            call.arg(4096);
            set(&session.version, version + 1);
        } else if operation == Operation::Append {
            call.arg(owner).arg(LIST.as_str()).arg(DATA.as_slice()).arg(&write[..]).arg(120_000);
            call.arg(4096).arg(16).arg(10_000);
        }
        call
    }
}

impl Sessions for ByHand {
    fn run(&self, operation: Operation, turns: usize) -> Done<'_> {
        Box::pin(async move {
            let mut connection = self.connection.clone();
            for _ in 0..turns {
                let mut pipe = redis::pipe();
                for session in &self.sessions {
                    pipe.add_command(self.call(session, operation));
                }
                let answers: Vec<Vec<redis::Value>> = pipe.query_async(&mut connection).await?;
                let ok = redis::Value::BulkString(b"ok".to_vec());
                if !answers.iter().all(|answer| answer.get(1) == Some(&ok)) {
                    return Err("the server refused a call of the pipeline".into());
                }
            }
            Ok(())
        })
    }
}
