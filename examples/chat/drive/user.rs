//! One user: two sessions, in which it tells its name and asks for it.

use super::connection::Connection;
use super::connection::DriveError;
use super::connection::Manner;
use super::connection::Reply;
use super::connection::Session;
use super::progress::Progress;
use super::tally::Tally;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// No word of the responder's is among them.
const NAMES: [&str; 26] = [
    "ada", "ben", "cleo", "dan", "eva", "finn", "gina", "hugo", "ida", "jack", "kim", "leo", "mia",
    "noah", "olga", "paul", "quinn", "rosa", "sam", "tom", "uma", "vera", "walt", "xena", "yara",
    "zoe",
];
/// How many sessions each user has, one after the other.
const DEVICES: usize = 2;
const SCRIPT: [Turn; 5] = [Turn::AskTooEarly, Turn::Introduce, Turn::Ask, Turn::Repeat, Turn::Ask];
/// What each user sends if all goes well.
pub(super) const REQUESTS: usize = DEVICES * SCRIPT.len();
/// For a turn on the connection and the whole reply.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct User {
    name: String,
    everyone: Arc<HashSet<String>>,
    is_slow: bool,
    leaves_early: bool,
    connection: Arc<Mutex<Connection>>,
    progress: Arc<Progress>,
}

#[derive(Clone, Copy, PartialEq)]
enum Turn {
    AskTooEarly,
    Introduce,
    Ask,
    Repeat,
}

impl User {
    /// Users of different names, of every manner, spread over `connections`.
    pub(super) fn crowd(
        size: usize,
        connections: &[Arc<Mutex<Connection>>],
        progress: &Arc<Progress>,
    ) -> Vec<Self> {
        let names: Vec<_> = (0..size).map(name).collect();
        let everyone = Arc::new(names.iter().cloned().collect());
        let user = |(i, name)| Self {
            name,
            everyone: Arc::clone(&everyone),
            is_slow: i % 4 == 1,
            leaves_early: i % 4 == 2,
            connection: Arc::clone(&connections[i % connections.len()]),
            progress: Arc::clone(progress),
        };
        names.into_iter().enumerate().map(user).collect()
    }

    /// Goes through the script in one session after the other; stops at the first failure.
    pub(super) async fn visit(self) -> Tally {
        let mut tally = Tally::default();
        for _ in 0..DEVICES {
            tally.sessions += 1;
            if let Err(error) = self.converse(&mut tally).await {
                tally.add(Tally::failed(&*error));
                break;
            }
        }
        tally
    }

    async fn converse(&self, tally: &mut Tally) -> Result<(), DriveError> {
        let session = timeout(PATIENCE, self.log_in()).await??;
        for (number, turn) in SCRIPT.into_iter().enumerate() {
            let text = turn.message(&self.name);
            let id = format!("{}.{}.{number}", session.id, self.name);
            let message = serde_json::json!({ "message": text, "id": id }).to_string();
            tally.requests += 1;
            let reply = timeout(PATIENCE, self.chat(&session, message, turn)).await??;
            self.progress.step();
            self.judge(turn, &text, &reply, tally);
        }
        Ok(())
    }

    async fn log_in(&self) -> Result<Session, DriveError> {
        self.connection.lock().await.log_in(&self.name).await
    }

    /// Waits for its turn on the connection, and keeps it until the reply is read.
    async fn chat(
        &self,
        session: &Session,
        message: String,
        turn: Turn,
    ) -> Result<Reply, DriveError> {
        let mut connection = self.connection.lock().await;
        connection.chat(session, message, self.manner(turn)).await
    }

    fn manner(&self, turn: Turn) -> Manner {
        if self.leaves_early && turn == Turn::Repeat {
            Manner::NotToTheEnd
        } else if self.is_slow {
            Manner::Slowly
        } else {
            Manner::AtOnce
        }
    }

    /// Compares the reply with what this session has said.
    fn judge(&self, turn: Turn, question: &str, reply: &Reply, tally: &mut Tally) {
        let words = reply.text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        let names: Vec<_> = words.filter(|word| self.everyone.contains(word)).collect();
        tally.replies += 1;
        tally.slow_reads += usize::from(self.manner(turn) == Manner::Slowly);
        tally.disconnects += usize::from(!reply.is_complete);
        if names.iter().any(|name| *name != self.name) {
            tally.leaked += 1;
            let (name, told) = (&self.name, reply.text.trim());
            let sample = || format!("{name} asked \"{question}\" and was told \"{told}\"");
            tally.leak_sample.get_or_insert_with(sample);
        }
        if reply.is_complete {
            tally.complete += 1;
            let is_told_name = names.contains(&self.name);
            tally.misremembered += usize::from(is_told_name != turn.is_told_name());
        }
    }
}

impl Turn {
    fn message(self, name: &str) -> String {
        match self {
            Self::AskTooEarly | Self::Ask => "What is my name?".into(),
            Self::Introduce => format!("My name is {name}"),
            Self::Repeat => "What did you say?".into(),
        }
    }

    /// Whether the user's own name belongs into the reply. Each session begins with nothing known.
    fn is_told_name(self) -> bool {
        self != Self::AskTooEarly
    }
}

/// A name of its own for each: `ada`, …, `zoe`, `ada2`, …
fn name(i: usize) -> String {
    let name = NAMES[i % NAMES.len()];
    match i / NAMES.len() {
        0 => name.into(),
        round => format!("{name}{}", round + 1),
    }
}
