//! `spawn_detached`: work that outlives the request.

use crate::context::NoContext;
use crate::context::RequestContext;
use crate::context::current;
use crate::scope::Capture;
use crate::scope::Carried;
use crate::scope::schedule::scheduled;
use tokio::task::JoinHandle;

/// Starts a task that may outlive the request: a mail to send, a cache to refill.
///
/// It runs in the [detached](RequestContext::detach) current context: the request ID stays for its
/// log lines; session, user and the values of the request stay behind. Its span `detached` is a root
/// that follows from the current one, so it does not keep the request's span open.
///
/// # Panics
/// Outside a scope, at the caller's line ([`try_spawn_detached`] returns an error instead); outside
/// a tokio runtime.
#[track_caller]
pub fn spawn_detached<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    match try_spawn_detached(future) {
        Ok(handle) => handle,
        Err(_) => current::outside(),
    }
}

/// Starts a task, as [`spawn_detached`] does.
///
/// # Errors
/// [`NoContext`] outside a scope; nothing is started and the future is dropped.
///
/// # Panics
/// Outside a tokio runtime.
#[track_caller]
pub fn try_spawn_detached<F>(future: F) -> Result<JoinHandle<F::Output>, NoContext>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let context = current::peek(RequestContext::detach).ok_or(NoContext::new())?;
    Ok(tokio::spawn(scheduled(Carried::new(Capture::detached(context), future))))
}
