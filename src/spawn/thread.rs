//! Threads in the current context.
//!
//! For a scoped thread, carry the closure: `scope.spawn(carry(|| …))`.

use crate::context::NoContext;
use crate::scope::carry;
use crate::scope::try_carry;
use std::thread::JoinHandle;

/// Starts a thread that runs in the context and span that are current at this call.
///
/// As [`std::thread::spawn`], which starts it.
///
/// # Panics
/// Outside a scope, at the caller's line ([`try_spawn`] returns an error instead); when the
/// operating system fails to start a thread.
#[track_caller]
pub fn spawn<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    std::thread::spawn(carry(f))
}

/// Starts a thread, as [`spawn`] does.
///
/// # Errors
/// [`NoContext`] outside a scope; nothing is started and the closure is dropped.
///
/// # Panics
/// When the operating system fails to start a thread.
pub fn try_spawn<F, R>(f: F) -> Result<JoinHandle<R>, NoContext>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    Ok(std::thread::spawn(try_carry(f)?))
}
