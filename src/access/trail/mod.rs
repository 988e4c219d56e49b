//! The trail: where records go, how surely, and how to tell that none is gone.
//!
//! A [`Trail`] is a value of the context, so that there is no global: give it to the layer, or to a
//! context by [`insert`](crate::RequestContextBuilder::insert). It has a thread of its own, which
//! takes all records that wait, writes them at once, and makes them durable at once (group commit):
//! accesses that wait together share one `fsync`.
//!
//! # What an access waits for
//!
//! | [`SyncPolicy`] | an access goes on when its record | so it survives |
//! |---|---|---|
//! | `EveryRecord` (default) | is written and synced | the failure of the machine |
//! | `Interval` | is written; synced within that time | the end of the process; the machine's after that time |
//! | `Never` | is written; synced when the system does | the end of the process |
//!
//! A record that cannot be written fails its access with a [`TrailError`], and so does a queue that
//! is full: no record, no access. [`TrailBuilder::degrade`] turns that around, with an alarm and a
//! count.
//!
//! # How to tell that none is gone
//!
//! Each line carries a sequence, the hash of the line before and its own, over a
//! [key](ChainKey) if there is one. [`verify`], or `cargo request-context trail verify`, names the
//! first record that was edited, is missing, out of its place or cut off. What is cut off at the end
//! can be told only by who knows the [`Head`]: keep it elsewhere from time to time.

mod alarm;
mod batch;
mod builder;
mod closing;
mod error;
mod queue;
mod recording;
mod stats;
mod sync_policy;
#[expect(clippy::module_inception, reason = "one public noun, one file")]
mod trail;
mod writer;

pub use crate::access::chain::Chain;
pub use crate::access::chain::ChainKey;
pub use crate::access::chain::Expected;
pub use crate::access::chain::Fault;
pub use crate::access::chain::Head;
pub use crate::access::chain::InvalidHead;
pub use crate::access::chain::InvalidKey;
pub use crate::access::chain::Verified;
pub use crate::access::chain::VerifyError;
pub use crate::access::chain::verify;
pub use crate::access::encode::Encoding;
pub use crate::access::sink::FileSink;
pub use crate::access::sink::Sink;
pub use crate::access::sink::Start;
pub use crate::access::sink::StartError;
pub use alarm::Alarm;
pub use builder::TrailBuilder;
pub use closing::Closing;
pub use error::TrailError;
pub use recording::Recording;
pub use stats::Stats;
pub use sync_policy::SyncPolicy;
pub use trail::Trail;
