//! `spawn_local`: a task that stays on this thread, in the current context.

use crate::context::NoContext;
use crate::scope::ContextExt;
use tokio::task;
use tokio::task::JoinHandle;
use tokio::task::LocalSet;

/// Starts a `!Send` task that runs in the context and span that are current at this call.
///
/// As [`tokio::task::spawn_local`], which starts it.
///
/// # Panics
/// Outside a scope, at the caller's line ([`try_spawn_local`] returns an error instead); outside a
/// [`LocalSet`].
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    task::spawn_local(future.in_current_context())
}

/// Starts a `!Send` task, as [`spawn_local`] does.
///
/// # Errors
/// [`NoContext`] outside a scope; nothing is started and the future is dropped.
///
/// # Panics
/// Outside a [`LocalSet`].
#[track_caller]
pub fn try_spawn_local<F>(future: F) -> Result<JoinHandle<F::Output>, NoContext>
where
    F: Future + 'static,
    F::Output: 'static,
{
    Ok(task::spawn_local(future.try_in_current_context()?))
}

/// Starts tasks on a [`LocalSet`] in the current context.
pub trait LocalSetExt {
    /// As [`LocalSet::spawn_local`], in the context and span that are current at this call.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line.
    #[track_caller]
    fn spawn_local_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static;

    /// As [`spawn_local_in_context`](Self::spawn_local_in_context).
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; nothing is started and the future is dropped.
    #[track_caller]
    fn try_spawn_local_in_context<F>(&self, future: F) -> Result<JoinHandle<F::Output>, NoContext>
    where
        F: Future + 'static,
        F::Output: 'static;
}

impl LocalSetExt for LocalSet {
    #[track_caller]
    fn spawn_local_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local(future.in_current_context())
    }

    #[track_caller]
    fn try_spawn_local_in_context<F>(&self, future: F) -> Result<JoinHandle<F::Output>, NoContext>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Ok(self.spawn_local(future.try_in_current_context()?))
    }
}
