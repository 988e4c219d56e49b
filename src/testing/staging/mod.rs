//! Stops at tokio operations in a server of many threads: evidence from a staging system.
//!
//! What [`LeakTest`](crate::testing::LeakTest) does to the order of sessions needs a thread of its own.
//! A server under load has an order already, and it is never the same twice; but its handlers are
//! hardly ever stopped where they could be. [`PerturbLayer`] and [`Perturbed`] see to that. What is
//! found with them cannot be replayed.

mod layer;
mod perturbed;

pub use layer::PerturbLayer;
pub use layer::PerturbService;
pub use perturbed::Perturbed;
