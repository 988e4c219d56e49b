//! What the tests of this binary share.

mod cluster;
mod harness;
mod ledger;
mod proxy;
mod random;
mod server;

pub(crate) use cluster::Cluster;
pub(crate) use harness::ClusterHarness;
pub(crate) use harness::Harness;
pub(crate) use harness::PATIENCE;
pub(crate) use ledger::Load;
pub(crate) use ledger::users;
pub(crate) use proxy::Fault;
pub(crate) use proxy::Proxy;
pub(crate) use proxy::end_of_message;
pub(crate) use random::Random;
pub(crate) use server::Server;
