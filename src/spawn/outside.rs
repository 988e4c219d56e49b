//! `spawn_outside`: work that belongs to no request.

use tokio::task::JoinHandle;

/// Starts a task with no context, on purpose: a pool's housekeeping, a timer, a subscription.
///
/// The same as [`tokio::spawn`], and it works anywhere on a runtime; the name tells the reader, the
/// lint and the detector that nothing was forgotten.
///
/// # Panics
/// Outside a tokio runtime.
#[track_caller]
pub fn spawn_outside<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[expect(clippy::disallowed_methods, reason = "this is the word for it")]
    tokio::spawn(future)
}
