//! `spawn_with`: any other spawner, in the current context.

use crate::context::NoContext;
use crate::scope::Carried;
use crate::scope::ContextExt;

/// Hands the carried `future` to a spawner of the caller's choice.
///
/// ```
/// use request_context::RequestContext;
/// use request_context::spawn_with;
///
/// let context = RequestContext::new();
/// let task = context.sync_scope(|| {
///     spawn_with(async { RequestContext::current() }, |future| smol::spawn(future))
/// });
/// assert!(smol::block_on(task).user().is_none());
/// ```
///
/// # Panics
/// Outside a scope, at the caller's line ([`try_spawn_with`] returns an error instead); and if
/// `spawn` does.
#[track_caller]
pub fn spawn_with<F, R>(future: F, spawn: impl FnOnce(Carried<F>) -> R) -> R
where
    F: Future,
{
    spawn(future.in_current_context())
}

/// Hands the carried `future` on, as [`spawn_with`] does.
///
/// # Errors
/// [`NoContext`] outside a scope; `spawn` is not called and the future is dropped.
pub fn try_spawn_with<F, R>(future: F, spawn: impl FnOnce(Carried<F>) -> R) -> Result<R, NoContext>
where
    F: Future,
{
    Ok(spawn(future.try_in_current_context()?))
}
