//! What the tests of this binary share.

mod harness;
mod server;

pub(crate) use harness::Harness;
pub(crate) use server::Server;
