//! The store in Redis for the suite.

use super::Cluster;
use super::Server;
use request_context::session::Limits;
use request_context::session::RedisStore;
use request_context::session::SessionStore;
use request_context::testing::store_suite::HarnessFuture;
use request_context::testing::store_suite::StoreHarness;
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Harness {
    pub(crate) server: Server,
}

/// How long a busy machine may take for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

impl StoreHarness for Harness {
    fn store(&self, limits: Limits) -> HarnessFuture<'_, Arc<dyn SessionStore>> {
        Box::pin(async move {
            let builder = RedisStore::builder().limits(limits).response_timeout(PATIENCE);
            Arc::new(builder.connect(&self.server.url()).await.unwrap()) as _
        })
    }

    fn pass(&self, time: Duration) -> HarnessFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn tolerance(&self) -> Duration {
        Duration::from_millis(150)
    }

    fn counts_sessions(&self) -> bool {
        false
    }

    fn tells_successors(&self) -> bool {
        true
    }
}

pub(crate) struct ClusterHarness {
    pub(crate) cluster: Cluster,
}

impl StoreHarness for ClusterHarness {
    fn store(&self, limits: Limits) -> HarnessFuture<'_, Arc<dyn SessionStore>> {
        Box::pin(async move {
            let builder = RedisStore::builder().limits(limits).response_timeout(PATIENCE);
            let urls = self.cluster.urls();
            let urls = urls.iter().map(String::as_str);
            Arc::new(builder.connect_cluster(urls).await.unwrap()) as _
        })
    }

    fn pass(&self, time: Duration) -> HarnessFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn tolerance(&self) -> Duration {
        Duration::from_millis(150)
    }

    fn counts_sessions(&self) -> bool {
        false
    }

    fn tells_successors(&self) -> bool {
        true
    }

    fn rotates_at_once(&self) -> bool {
        false
    }
}
