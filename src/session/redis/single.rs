//! The connection to a server by itself.

use super::connect_error::RedisConnectError;
use super::link::Connection;
use super::link::Sent;
use super::link::Why;
use redis::Client;
use redis::Cmd;
use redis::aio::ConnectionManager;
use redis::aio::ConnectionManagerConfig;
use std::fmt;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// A connection that comes back by itself after a loss, and that is left for another one when its
/// answers no longer fit its calls.
pub(super) struct Single {
    client: Client,
    config: ConnectionManagerConfig,
    current: RwLock<(u64, ConnectionManager)>,
}

impl Single {
    pub(super) async fn connect(url: &str, timeout: Duration) -> Result<Self, RedisConnectError> {
        let client = Client::open(url).map_err(RedisConnectError::address)?;
        // The bound on a whole call is ours; a call that finds no connection fails at once and the
        // next one tries again.
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(None)
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_with_config(client.clone(), config.clone());
        let manager = manager.await.map_err(RedisConnectError::unreachable)?;
        Ok(Self { client, config, current: RwLock::new((0, manager)) })
    }
}

impl Connection for Single {
    const RESENDS: bool = false;

    fn send<'a>(&'a self, command: &'a Cmd, over: &'a AtomicU64) -> Sent<'a> {
        Box::pin(async move {
            let (number, mut manager) =
                self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
            over.store(number, Relaxed);
            manager.send_packed_command(command).await
        })
    }

    fn give_up(&self, over: u64, _: Why) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.0 == over {
            let next =
                ConnectionManager::new_lazy_with_config(self.client.clone(), self.config.clone());
            if let Ok(next) = next {
                *current = (over + 1, next);
            }
        }
    }
}

/// Without the address, which may hold a password.
impl fmt::Debug for Single {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Single").finish_non_exhaustive()
    }
}
