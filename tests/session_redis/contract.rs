//! The store keeps the rules of all stores.

use crate::support::Cluster;
use crate::support::ClusterHarness;
use crate::support::Harness;
use crate::support::Server;
use request_context::testing::store_suite::check_store;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_in_redis_keeps_the_contract() {
    let report = check_store(&Harness { server: Server::start() }).await;
    report.assert_kept();
    assert_eq!(report.kept().len(), 55);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_in_a_cluster_keeps_the_contract() {
    let report = check_store(&ClusterHarness { cluster: Cluster::start() }).await;
    report.assert_kept();
    assert_eq!(report.kept().len(), 55);
}
