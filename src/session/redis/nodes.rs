//! The connections to the nodes of a cluster.

use super::connect_error::RedisConnectError;
use super::link::Connection;
use super::link::Sent;
use super::link::Why;
use redis::Cmd;
use redis::aio::ConnectionLike;
use redis::cluster::ClusterClient;
use redis::cluster::ClusterConfig;
use redis::cluster_async::ClusterConnection;
use std::fmt;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// Finds the node of a key by itself, also after a slot has moved, and sends again what a node that
/// was lost has not answered: each call is one that happens once.
pub(super) struct Nodes {
    client: ClusterClient,
    current: RwLock<(u64, ClusterConnection)>,
}

impl Nodes {
    pub(super) async fn connect(
        urls: impl IntoIterator<Item = &str>,
        timeout: Duration,
    ) -> Result<Self, RedisConnectError> {
        let client = ClusterClient::builder(urls)
            .connection_timeout(timeout)
            .response_timeout(timeout)
            .overall_response_timeout(Some(timeout))
            .build()
            .map_err(RedisConnectError::address)?;
        let connection = client.get_async_connection().await;
        let connection = connection.map_err(RedisConnectError::unreachable)?;
        Ok(Self { client, current: RwLock::new((0, connection)) })
    }
}

impl Connection for Nodes {
    const RESENDS: bool = true;

    fn send<'a>(&'a self, command: &'a Cmd, over: &'a AtomicU64) -> Sent<'a> {
        Box::pin(async move {
            let (number, mut connection) =
                self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
            over.store(number, Relaxed);
            connection.req_packed_command(command).await
        })
    }

    /// Silence of one node is no reason to leave the others.
    fn give_up(&self, over: u64, why: Why) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.0 == over && why == Why::Stray {
            let config = ClusterConfig::new();
            *current = (over + 1, self.client.get_pending_async_connection_with_config(config));
        }
    }
}

/// Without the addresses, which may hold a password.
impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nodes").finish_non_exhaustive()
    }
}
