//! Our store, with a task for each session.

use super::Anything;
use super::Done;
use super::Operation;
use super::Server;
use super::Sessions;
use super::TASKS;
use bytes::Bytes;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::ListName;
use request_context::session::NewSession;
use request_context::session::RedisStore;
use request_context::session::Rotation;
use request_context::session::SessionStore as _;
use request_context::session::Timeouts;
use request_context::session::Update;
use request_context::session::Version;
use request_context::session::WriteId;
use request_context_benches::stores::DATA;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use tokio::task::JoinSet;

pub const LIST: ListName = ListName::literal("history");

pub struct Ours {
    store: RedisStore,
    pub sessions: Vec<Session>,
}

/// Used by ours and by hand in turn, so both go by what it was left as.
#[derive(Clone)]
pub struct Session {
    pub owner: Owner,
    /// As the store writes it down.
    pub owner_text: String,
    /// What it is called, and what it is rotated to.
    pub ids: Arc<Mutex<[SessionId; 2]>>,
    pub version: Arc<Mutex<u64>>,
}

pub fn get<T: Clone>(shared: &Mutex<T>) -> T {
    shared.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

pub fn set<T>(shared: &Mutex<T>, value: T) {
    *shared.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

impl Ours {
    pub async fn new(server: &Server) -> Anything<Self> {
        let store = RedisStore::connect(&server.url()).await?;
        let mut sessions = Vec::new();
        for number in 0..TASKS {
            let user = format!("user-{number}");
            let ids = [format!("a{number:042}").parse()?, format!("b{number:042}").parse()?];
            let owner = Owner::user(user.parse()?);
            let new = NewSession::new(owner.clone(), Timeouts::default());
            store.create(&ids[0], new.with_data(Bytes::from_static(DATA))).await?;
            sessions.push(Session {
                owner,
                owner_text: format!("u{}:{user}", user.len()),
                ids: Arc::new(Mutex::new(ids)),
                version: Arc::new(Mutex::new(1)),
            });
        }
        Ok(Self { store, sessions })
    }
}

impl Sessions for Ours {
    fn run(&self, operation: Operation, turns: usize) -> Done<'_> {
        Box::pin(async move {
            let mut tasks = JoinSet::new();
            for session in self.sessions.iter().cloned() {
                let store = self.store.clone();
                #[expect(clippy::disallowed_methods, reason = "a task of no request")]
                tasks.spawn(async move {
                    for _ in 0..turns {
                        session.run(&store, operation).await?;
                    }
                    Ok(())
                });
            }
            tasks.join_all().await.into_iter().collect()
        })
    }
}

impl Session {
    async fn run(&self, store: &RedisStore, operation: Operation) -> Anything<()> {
        let [id, other] = get(&self.ids);
        match operation {
            Operation::Load => drop(store.load(&id).await?.ok_or("gone")?),
            Operation::Update => {
                let (version, data) = (Version::new(get(&self.version)), Bytes::from_static(DATA));
                let update = store.update(&id, &self.owner, version, data, WriteId::new()).await?;
                let Update::Written(written) = update else { return Err("a conflict".into()) };
                set(&self.version, written.version.get());
            }
            Operation::Append => {
                let item = Bytes::from_static(DATA);
                store.append(&id, &self.owner, &LIST, item, WriteId::new()).await?;
            }
            Operation::Rotate => {
                let rotation =
                    Rotation::new(other.clone(), self.owner.clone(), Timeouts::default());
                store.rotate(&id, &self.owner, rotation).await?;
                set(&self.ids, [other, id]);
            }
        }
        Ok(())
    }
}
