//! The store in memory keeps the rules of all stores.

use request_context::session::Limits;
use request_context::session::MemoryStore;
use request_context::session::SessionStore;
use request_context::testing::store_suite::HarnessFuture;
use request_context::testing::store_suite::StoreHarness;
use request_context::testing::store_suite::check_store;
use std::sync::Arc;
use std::time::Duration;

struct Harness;

impl StoreHarness for Harness {
    fn store(&self, limits: Limits) -> HarnessFuture<'_, Arc<dyn SessionStore>> {
        Box::pin(async move { Arc::new(MemoryStore::new(limits)) as _ })
    }

    fn pass(&self, time: Duration) -> HarnessFuture<'_, ()> {
        Box::pin(tokio::time::advance(time))
    }

    fn tells_successors(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_keeps_the_contract() {
    let report = check_store(&Harness).await;
    report.assert_kept();
    assert_eq!(report.kept().len(), 55);
}
