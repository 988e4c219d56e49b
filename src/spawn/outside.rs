//! `spawn_outside`: work that belongs to no request.

use crate::scope::Outside;
use crate::scope::schedule::scheduled;
use tokio::task::JoinHandle;

/// Starts a task with no context, on purpose: a pool's housekeeping, a timer, a subscription.
///
/// As [`tokio::spawn`], and it works anywhere on a runtime; the name tells the reader, the lint and
/// the detector that nothing was forgotten. There is no context also where the runtime itself is
/// driven inside a scope.
///
/// # Panics
/// Outside a tokio runtime.
#[track_caller]
pub fn spawn_outside<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(scheduled(Outside::new(future)))
}
