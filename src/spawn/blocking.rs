//! `spawn_blocking`: a blocking call in the current context.

use crate::context::NoContext;
use crate::scope::carry;
use crate::scope::schedule::scheduled_call;
use crate::scope::try_carry;
use tokio::task;
use tokio::task::JoinHandle;

/// Runs a blocking call on tokio's pool, in the context and span that are current at this call.
///
/// As [`tokio::task::spawn_blocking`], which starts it.
///
/// # Panics
/// Outside a scope, at the caller's line ([`try_spawn_blocking`] returns an error instead); outside
/// a tokio runtime.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    start(carry(f))
}

/// Runs a blocking call, as [`spawn_blocking`] does.
///
/// # Errors
/// [`NoContext`] outside a scope; nothing is started and the closure is dropped.
///
/// # Panics
/// Outside a tokio runtime.
#[track_caller]
pub fn try_spawn_blocking<F, R>(f: F) -> Result<JoinHandle<R>, NoContext>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    Ok(start(try_carry(f)?))
}

#[track_caller]
fn start<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    match scheduled_call(f) {
        Ok(call) => tokio::spawn(call),
        Err(f) => task::spawn_blocking(f),
    }
}
