//! How a store in Redis is set up.

#[cfg(feature = "session-redis-cluster")]
use super::cluster::RedisClusterStore;
use super::connect_error::RedisConnectError;
use super::keys::Keys;
use super::link::Connection;
use super::link::Link;
#[cfg(feature = "session-redis-cluster")]
use super::nodes::Nodes;
use super::session::Sessions;
use super::single::Single;
use super::store::RedisStore;
use crate::session::Limits;
use redis::Value;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::time::timeout;

/// Sets up a store in Redis.
#[derive(Clone, Debug)]
#[must_use = "a builder makes a store by `connect`"]
pub struct RedisStoreBuilder {
    prefix: String,
    response_timeout: Duration,
    limits: Limits,
    may_evict: bool,
}

impl RedisStoreBuilder {
    pub(super) fn new() -> Self {
        Self {
            prefix: "rc:".to_owned(),
            response_timeout: Duration::from_secs(2),
            limits: Limits::default(),
            may_evict: false,
        }
    }

    /// What each key begins with, without `{` and `}`. Stores of the same prefix are one store.
    /// `rc:`.
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// How long an answer is waited for. An operation that changes something is
    /// [in doubt](crate::session::StoreError::is_in_doubt) then, another one
    /// [unavailable](crate::session::StoreError::is_unavailable). 2 seconds.
    pub fn response_timeout(self, response_timeout: Duration) -> Self {
        Self { response_timeout, ..self }
    }

    /// How much the store takes. `sessions` is the server's affair: what it refuses for want of
    /// memory fails with that limit's name.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Takes a server that evicts keys when its memory is full. Somebody is logged out then, and
    /// nobody is told.
    pub fn allow_eviction(self) -> Self {
        Self { may_evict: true, ..self }
    }

    /// Connects to the server at `redis://[user:password@]host:port[/database]`.
    ///
    /// # Errors
    /// [`RedisConnectError`] if the address or the prefix is none, the server cannot be reached, it
    /// may evict sessions, or it is part of a cluster.
    pub async fn connect(self, url: &str) -> Result<RedisStore, RedisConnectError> {
        let keys = Keys::new(&self.prefix).ok_or_else(RedisConnectError::prefix)?;
        let connection = Single::connect(url, self.response_timeout).await?;
        let info = self.info(&connection).await?;
        if field(&info, "cluster_enabled") == Some("1") {
            return Err(RedisConnectError::is_cluster());
        }
        self.check(&info)?;
        let link = Link::new(connection, self.response_timeout);
        Ok(RedisStore::new(Sessions { link, keys, limits: self.limits }))
    }

    /// Connects to the cluster of which these are some nodes.
    ///
    /// # Errors
    /// [`RedisConnectError`] if an address or the prefix is none, no node can be reached, one may
    /// evict sessions, or they are no cluster.
    #[cfg(feature = "session-redis-cluster")]
    pub async fn connect_cluster(
        self,
        urls: impl IntoIterator<Item = &str>,
    ) -> Result<RedisClusterStore, RedisConnectError> {
        let keys = Keys::new(&self.prefix).ok_or_else(RedisConnectError::prefix)?;
        let connection = Nodes::connect(urls, self.response_timeout).await?;
        let info = self.info(&connection).await?;
        if field(&info, "cluster_enabled") != Some("1") {
            return Err(RedisConnectError::is_no_cluster());
        }
        self.check(&info)?;
        let link = Link::new(connection, self.response_timeout);
        Ok(RedisClusterStore::new(Sessions { link, keys, limits: self.limits }))
    }

    /// What the server tells of itself; of a cluster, all masters one after the other.
    async fn info(&self, connection: &impl Connection) -> Result<String, RedisConnectError> {
        let over = AtomicU64::new(0);
        let command = redis::cmd("INFO");
        let answer = timeout(self.response_timeout, connection.send(&command, &over)).await;
        let answer = answer.map_err(|elapsed| std::io::Error::from(elapsed).into());
        let answer = answer.and_then(|answer| answer).and_then(Value::extract_error);
        let mut text = String::new();
        collect(&answer.map_err(RedisConnectError::unreachable)?, &mut text);
        Ok(text)
    }

    fn check(&self, info: &str) -> Result<(), RedisConnectError> {
        // One policy stands after one limit, for each node.
        let limits = fields(info, "maxmemory");
        let evicting = limits.zip(fields(info, "maxmemory_policy"));
        match evicting.filter(|(limit, policy)| *limit != "0" && *policy != "noeviction").last() {
            Some((_, policy)) if !self.may_evict => Err(RedisConnectError::evicts(policy)),
            _ => Ok(()),
        }
    }
}

fn fields<'a>(info: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    info.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(':'))
}

fn field<'a>(info: &'a str, name: &'a str) -> Option<&'a str> {
    fields(info, name).next()
}

/// All texts in the answer.
fn collect(answer: &Value, text: &mut String) {
    match answer {
        Value::BulkString(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
        Value::VerbatimString { text: part, .. } => text.push_str(part),
        Value::Array(values) => values.iter().for_each(|value| collect(value, text)),
        Value::Map(pairs) => pairs.iter().for_each(|(_, value)| collect(value, text)),
        _ => {}
    }
}
