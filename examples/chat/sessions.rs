//! Where the sessions are.

use crate::conversation::MAX_LINES;
use crate::protocol::MAX_BODY_BYTES;
use request_context::session::Limits;
use request_context::session::MemoryStore;
use request_context::session::RedisStore;
use request_context::session::Sessions;
use request_context::spawn_outside;
use std::env;
use std::error::Error;

/// Names a Redis server that several processes of the chat share.
const REDIS_URL: &str = "REDIS_URL";

/// The sessions of the server: in Redis, if one is named; else in its own memory.
pub(crate) async fn open() -> Result<Sessions, Box<dyn Error + Send + Sync>> {
    match env::var(REDIS_URL) {
        Err(env::VarError::NotPresent) => Ok(in_memory()),
        Err(error) => Err(format!("{REDIS_URL}: {error}").into()),
        Ok(url) => in_redis(&url).await,
    }
}

fn in_memory() -> Sessions {
    let store = MemoryStore::new(limits());
    spawn_outside(store.sweeper());
    Sessions::new(store)
}

async fn in_redis(url: &str) -> Result<Sessions, Box<dyn Error + Send + Sync>> {
    let store = RedisStore::builder().prefix("chat:").limits(limits()).connect(url).await;
    let store = store.map_err(|error| {
        let source = error.source().map_or_else(String::new, |source| format!(": {source}"));
        format!("{REDIS_URL}: {error}{source}")
    })?;
    Ok(Sessions::new(store))
}

/// What is full refuses; nothing is thrown away to make room.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.sessions = 10_000;
    limits.lists = 1;
    limits.list_items = MAX_LINES;
    limits.item_bytes = MAX_BODY_BYTES;
    limits
}
