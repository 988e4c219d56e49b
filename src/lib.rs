#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::print_stdout, clippy::print_stderr, clippy::exit))]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]
#![expect(clippy::disallowed_macros, reason = "`context/current.rs` holds the one task-local")]
#![doc(test(attr(deny(warnings), allow(dead_code, unused_variables))))]

#[cfg(feature = "access")]
pub mod access;
#[cfg(feature = "axum")]
pub mod axum;
mod context;
#[cfg(feature = "lint")]
pub mod lint;
#[cfg(feature = "owner")]
pub mod owner;
mod scope;
#[cfg(feature = "session")]
pub mod session;
#[cfg(feature = "spawn")]
mod spawn;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
pub mod tower;
#[cfg(feature = "tracing")]
mod trace;

pub use crate::context::ContextValue;
pub use crate::context::InvalidId;
pub use crate::context::MissingIdentity;
pub use crate::context::NoContext;
pub use crate::context::Reach;
pub use crate::context::RequestContext;
pub use crate::context::RequestContextBuilder;
pub use crate::context::RequestId;
pub use crate::context::SessionId;
#[cfg(feature = "owner")]
pub use crate::context::TenantId;
pub use crate::context::UserId;

#[cfg(feature = "scope-body")]
pub use crate::scope::BodyInContext;
pub use crate::scope::Carried;
#[cfg(feature = "scope-body")]
pub use crate::scope::ContextBodyExt;
pub use crate::scope::ContextExt;
pub use crate::scope::ContextStreamExt;
pub use crate::scope::InContext;
pub use crate::scope::StreamInContext;
pub use crate::scope::carry;
pub use crate::scope::carry_fn;
pub use crate::scope::carry_mut;
pub use crate::scope::try_carry;
pub use crate::scope::try_carry_fn;
pub use crate::scope::try_carry_mut;

#[cfg(feature = "spawn")]
pub use crate::spawn::HandleExt;
#[cfg(feature = "spawn")]
pub use crate::spawn::JoinSetExt;
#[cfg(feature = "spawn")]
pub use crate::spawn::LocalSetExt;
#[cfg(all(tokio_unstable, feature = "spawn"))]
pub use crate::spawn::PlainSpawnDetector;
#[cfg(feature = "spawn")]
pub use crate::spawn::spawn;
#[cfg(feature = "spawn")]
pub use crate::spawn::spawn_blocking;
#[cfg(feature = "spawn")]
pub use crate::spawn::spawn_detached;
#[cfg(feature = "spawn")]
pub use crate::spawn::spawn_local;
#[cfg(feature = "spawn")]
pub use crate::spawn::spawn_outside;
#[cfg(feature = "spawn")]
pub use crate::spawn::spawn_with;
#[cfg(feature = "spawn")]
pub use crate::spawn::thread;
#[cfg(feature = "spawn")]
pub use crate::spawn::try_spawn;
#[cfg(feature = "spawn")]
pub use crate::spawn::try_spawn_blocking;
#[cfg(feature = "spawn")]
pub use crate::spawn::try_spawn_detached;
#[cfg(feature = "spawn")]
pub use crate::spawn::try_spawn_local;
#[cfg(feature = "spawn")]
pub use crate::spawn::try_spawn_with;

#[cfg(feature = "tracing")]
pub use crate::trace::LogFields;
#[cfg(feature = "tracing-layer")]
pub use crate::trace::LogLayer;
#[cfg(feature = "tracing")]
pub use crate::trace::install_panic_hook;
