//! `spawn`: a task in the current context.

use crate::context::NoContext;
use crate::scope::ContextExt;
use crate::scope::schedule::scheduled;
use tokio::task::JoinHandle;

/// Starts a task that runs in the context and span that are current at this call.
///
/// As [`tokio::spawn`], which starts it; the location of the spawn is the caller's.
///
/// ```
/// use request_context::RequestContext;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// RequestContext::new().scope(async {
///     let here = RequestContext::current();
///     let there = request_context::spawn(async { RequestContext::current() }).await.unwrap();
///     assert_eq!(there.request_id(), here.request_id());
/// }).await;
/// # });
/// ```
///
/// # Panics
/// Outside a scope, at the caller's line ([`try_spawn`] returns an error instead;
/// [`spawn_outside`](crate::spawn_outside) is for work of no request); outside a tokio runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(scheduled(future.in_current_context()))
}

/// Starts a task, as [`spawn`] does.
///
/// # Errors
/// [`NoContext`] outside a scope; nothing is started and the future is dropped.
///
/// # Panics
/// Outside a tokio runtime.
#[track_caller]
pub fn try_spawn<F>(future: F) -> Result<JoinHandle<F::Output>, NoContext>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Ok(tokio::spawn(scheduled(future.try_in_current_context()?)))
}
