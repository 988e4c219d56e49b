//! Does my session store keep to its contract?
//!
//! [`SessionStore`](crate::session::SessionStore) says what a store does; each sentence of it is a
//! rule here, checked from outside. A [`StoreHarness`] makes the stores and lets time pass;
//! [`check_store`] checks all rules, [`store_rules`] gives each by itself.
//!
//! ```no_run
//! use request_context::session::{Limits, RedisStore, SessionStore};
//! use request_context::testing::store_suite::{HarnessFuture, StoreHarness, check_store};
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! struct Harness;
//!
//! impl StoreHarness for Harness {
//!     fn store(&self, limits: Limits) -> HarnessFuture<'_, Arc<dyn SessionStore>> {
//!         Box::pin(async move {
//!             let builder = RedisStore::builder().limits(limits);
//!             Arc::new(builder.connect("redis://127.0.0.1").await.unwrap()) as _
//!         })
//!     }
//!
//!     fn pass(&self, time: Duration) -> HarnessFuture<'_, ()> {
//!         Box::pin(tokio::time::sleep(time))
//!     }
//!
//!     fn tolerance(&self) -> Duration {
//!         Duration::from_millis(100)
//!     }
//! }
//!
//! # async fn test() {
//! check_store(&Harness).await.assert_kept();
//! # }
//! ```

mod cancellation;
mod deletion;
mod desk;
mod fault;
mod harness;
mod limits;
mod lists;
mod odd;
mod owners;
mod records;
mod report;
mod rotation;
mod rotation_race;
mod rule;
mod tasks;
mod times;
mod updates;

pub use fault::StoreFault;
pub use harness::HarnessFuture;
pub use harness::StoreHarness;
pub use report::StoreReport;
pub use report::check_store;
pub use rule::StoreRule;
pub use rule::store_rules;
