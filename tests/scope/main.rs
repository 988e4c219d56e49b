//! Being in a context: polled, called and dropped inside it, and the thread as it was afterwards.

#[path = "../support/ambiguous.rs"]
mod ambiguous;
mod auto_traits;
mod bodies;
mod carried;
mod closures;
mod interleaving;
mod model;
mod nesting;
mod reads;
mod restore;
mod runtimes;
mod shutdown;
mod sinks;
mod spans;
mod streams;
mod support;
mod teardown;
