//! Taking the context along: work started elsewhere that runs for the same request.
//!
//! The names and signatures are those of tokio and std; extension methods end in `_in_context`.
//! All of them capture the context and the tracing span at the call, and panic outside a scope.
//!
//! | to start | in the current context | detached from the request | for no request |
//! |---|---|---|---|
//! | a task | [`spawn`] | [`spawn_detached`] | [`spawn_outside`] |
//! | a blocking call | [`spawn_blocking`] | | |
//! | a `!Send` task | [`spawn_local`], [`LocalSetExt`] | | |
//! | into a `JoinSet` | [`JoinSetExt`] | | |
//! | on another runtime | [`HandleExt`] | | |
//! | a thread | [`thread::spawn`] | | |
//! | a scoped thread, rayon, a callback | [`carry`](crate::carry) | | |
//! | by any other spawner | [`spawn_with`] | | |

#![expect(clippy::disallowed_methods, reason = "the ban sends users here")]

mod blocking;
mod detached;
#[cfg(tokio_unstable)]
mod detector;
mod handle;
mod join_set;
mod local;
mod outside;
mod task;
pub mod thread;
mod with;

pub use blocking::spawn_blocking;
pub use blocking::try_spawn_blocking;
pub use detached::spawn_detached;
pub use detached::try_spawn_detached;
#[cfg(tokio_unstable)]
pub use detector::PlainSpawnDetector;
pub use handle::HandleExt;
pub use join_set::JoinSetExt;
pub use local::LocalSetExt;
pub use local::spawn_local;
pub use local::try_spawn_local;
pub use outside::spawn_outside;
pub use task::spawn;
pub use task::try_spawn;
pub use with::spawn_with;
pub use with::try_spawn_with;
