//! The store of tower-sessions, with a task for each session. It has no append and no rotation: the
//! one is to load and to save, the other what its `cycle_id` does.

use super::Anything;
use super::Done;
use super::Operation;
use super::Server;
use super::Sessions;
use super::TASKS;
use request_context_benches::stores::DATA;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::task::JoinSet;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions_core::SessionStore as _;
use tower_sessions_core::session::Id;
use tower_sessions_core::session::Record;
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::*;

/// How many items a list that is written as a whole has at most.
const MOST_ITEMS: usize = 16;

pub struct Rival {
    store: RedisStore<Client>,
    ids: Vec<Arc<Mutex<Id>>>,
}

fn record(id: Id) -> Record {
    let data = Value::String(String::from_utf8_lossy(DATA).into_owned());
    Record { id, data: HashMap::from([("data".to_owned(), data)]), expiry_date: later() }
}

fn later() -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::from_secs(30 * 60)
}

impl Rival {
    pub async fn new(server: &Server) -> Anything<Self> {
        let client = Client::new(Config::from_url(&server.url())?, None, None, None);
        client.init().await?;
        let store = RedisStore::new(client);
        let mut ids = Vec::new();
        for _ in 0..TASKS {
            let mut record = record(Id::default());
            store.create(&mut record).await?;
            ids.push(Arc::new(Mutex::new(record.id)));
        }
        Ok(Self { store, ids })
    }
}

impl Sessions for Rival {
    fn run(&self, operation: Operation, turns: usize) -> Done<'_> {
        Box::pin(async move {
            let mut tasks = JoinSet::new();
            for id in self.ids.iter().cloned() {
                let store = self.store.clone();
                #[expect(clippy::disallowed_methods, reason = "a task of no request")]
                tasks.spawn(async move {
                    for _ in 0..turns {
                        let before = super::ours::get(&id);
                        super::ours::set(&id, run(&store, operation, before).await?);
                    }
                    Ok(())
                });
            }
            tasks.join_all().await.into_iter().collect()
        })
    }
}

/// Returns the ID that the session has then.
async fn run(store: &RedisStore<Client>, operation: Operation, id: Id) -> Anything<Id> {
    match operation {
        Operation::Load => drop(store.load(&id).await?.ok_or("gone")?),
        Operation::Update => store.save(&record(id)).await?,
        Operation::Append => {
            let mut record = store.load(&id).await?.ok_or("gone")?;
            let list = record.data.entry("history".to_owned()).or_insert(Value::Array(Vec::new()));
            if let Value::Array(items) = list {
                if items.len() == MOST_ITEMS {
                    items.clear();
                }
                items.push(Value::String(String::from_utf8_lossy(DATA).into_owned()));
            }
            record.expiry_date = later();
            store.save(&record).await?;
        }
        Operation::Rotate => {
            let mut record = store.load(&id).await?.ok_or("gone")?;
            store.delete(&id).await?;
            record.id = Id::default();
            store.create(&mut record).await?;
            return Ok(record.id);
        }
    }
    Ok(id)
}
