//! Why there is no store in this Redis.

use std::error::Error;
use std::fmt;

/// The store cannot be in this Redis, as it is configured or at the moment.
#[derive(Debug)]
pub struct RedisConnectError {
    kind: Kind,
    source: Option<redis::RedisError>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Address,
    Prefix,
    Unreachable,
    Evicts(String),
    IsCluster,
    #[cfg(feature = "session-redis-cluster")]
    IsNoCluster,
}

impl RedisConnectError {
    pub(super) fn address(source: redis::RedisError) -> Self {
        Self { kind: Kind::Address, source: Some(source) }
    }

    pub(super) fn prefix() -> Self {
        Self { kind: Kind::Prefix, source: None }
    }

    pub(super) fn unreachable(source: redis::RedisError) -> Self {
        Self { kind: Kind::Unreachable, source: Some(source) }
    }

    pub(super) fn evicts(policy: &str) -> Self {
        Self { kind: Kind::Evicts(policy.to_owned()), source: None }
    }

    pub(super) fn is_cluster() -> Self {
        Self { kind: Kind::IsCluster, source: None }
    }

    #[cfg(feature = "session-redis-cluster")]
    pub(super) fn is_no_cluster() -> Self {
        Self { kind: Kind::IsNoCluster, source: None }
    }

    /// Whether the address or the prefix cannot be used.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(self.kind, Kind::Address | Kind::Prefix)
    }

    /// Whether the server cannot be reached, or does not let us in.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        self.kind == Kind::Unreachable
    }

    /// Whether the server may evict sessions when its memory is full.
    #[must_use]
    pub fn is_eviction(&self) -> bool {
        matches!(self.kind, Kind::Evicts(_))
    }

    /// Whether the server is part of a cluster where one by itself was meant, or the other way round.
    #[must_use]
    pub fn is_wrong_mode(&self) -> bool {
        !self.is_invalid() && !self.is_unreachable() && !self.is_eviction()
    }
}

impl fmt::Display for RedisConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Address => "the address of the Redis server is none; write `redis://host:port`",
            Kind::Prefix => "the prefix of the keys may not hold `{` or `}`; leave them out",
            Kind::Unreachable => "the Redis server cannot be reached or does not let us in",
            Kind::Evicts(policy) => {
                return write!(
                    f,
                    "the Redis server evicts keys when its memory is full, which would log people \
                     out; set its `maxmemory-policy` to `noeviction`, it is `{policy}`, or call \
                     `allow_eviction`"
                );
            }
            Kind::IsCluster => {
                "the Redis server is part of a cluster; connect by `RedisStoreBuilder::\
                 connect_cluster` (feature `session-redis-cluster`)"
            }
            #[cfg(feature = "session-redis-cluster")]
            Kind::IsNoCluster => {
                "the Redis server is not part of a cluster; connect by `RedisStoreBuilder::connect`"
            }
        })
    }
}

impl Error for RedisConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
