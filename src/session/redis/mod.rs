//! Sessions in Redis: several processes share them.

mod builder;
#[cfg(feature = "session-redis-cluster")]
mod cluster;
mod connect_error;
mod forward;
mod keys;
mod link;
#[cfg(feature = "session-redis-cluster")]
mod nodes;
mod reply;
mod script;
mod scripts;
#[cfg(feature = "session-redis-cluster")]
mod scripts_cluster;
mod scripts_single;
mod session;
mod single;
mod store;

pub use builder::RedisStoreBuilder;
#[cfg(feature = "session-redis-cluster")]
pub use cluster::RedisClusterStore;
pub use connect_error::RedisConnectError;
pub use store::RedisStore;
