//! Sessions in the memory of this process.
//!
//! A [`MemoryStore`] is a number of shards, each a table and a heap of deadlines behind one lock. An
//! index by owner stands beside them; its lock is taken before that of a shard, and several shards
//! are locked in their order, so nothing can wait for itself. The index may name sessions that are
//! gone, and never lacks one that is there.
//!
//! Whatever is taken out is dropped after the locks are released: it may be large, and it may be the
//! last of what the user's own code holds.

mod account;
mod contract;
mod create;
mod data;
mod entry;
mod graves;
mod list;
mod lists;
mod looks;
mod moment;
mod owners;
mod rotate;
mod store;
mod sweeper;
mod table;
mod updates;

pub use store::MemoryStore;
pub use sweeper::Sweeper;
