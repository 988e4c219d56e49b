//! Sessions, from outside: tokens, the store in memory, handles in requests.

mod cancel;
mod contract;
mod crowd;
mod finality;
#[path = "../support/forward.rs"]
mod forward;
mod handle;
mod in_doubt;
mod known_faults;
mod lazily;
mod limits;
mod lists;
mod log_in;
mod memory;
mod misbehaving;
mod model;
mod outbox;
mod races;
mod rotation;
mod support;
mod sweeper;
mod tenants;
mod token;
