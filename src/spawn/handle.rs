//! Work on the runtime of a given handle, in the current context.

use crate::context::NoContext;
use crate::scope::ContextExt;
use crate::scope::carry;
use crate::scope::schedule::scheduled;
use crate::scope::schedule::scheduled_call;
use crate::scope::try_carry;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Starts work on the runtime of a [`Handle`] in the current context.
pub trait HandleExt {
    /// As [`Handle::spawn`], in the context and span that are current at this call.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line.
    #[track_caller]
    fn spawn_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// As [`Handle::spawn_blocking`], in the context and span that are current at this call.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line.
    #[track_caller]
    fn spawn_blocking_in_context<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static;

    /// As [`spawn_in_context`](Self::spawn_in_context).
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; nothing is started and the future is dropped.
    #[track_caller]
    fn try_spawn_in_context<F>(&self, future: F) -> Result<JoinHandle<F::Output>, NoContext>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// As [`spawn_blocking_in_context`](Self::spawn_blocking_in_context).
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; nothing is started and the closure is dropped.
    #[track_caller]
    fn try_spawn_blocking_in_context<F, R>(&self, f: F) -> Result<JoinHandle<R>, NoContext>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static;
}

impl HandleExt for Handle {
    #[track_caller]
    fn spawn_in_context<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn(scheduled(future.in_current_context()))
    }

    #[track_caller]
    fn spawn_blocking_in_context<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        match scheduled_call(carry(f)) {
            Ok(call) => self.spawn(call),
            Err(f) => self.spawn_blocking(f),
        }
    }

    #[track_caller]
    fn try_spawn_in_context<F>(&self, future: F) -> Result<JoinHandle<F::Output>, NoContext>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Ok(self.spawn(scheduled(future.try_in_current_context()?)))
    }

    #[track_caller]
    fn try_spawn_blocking_in_context<F, R>(&self, f: F) -> Result<JoinHandle<R>, NoContext>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        Ok(match scheduled_call(try_carry(f)?) {
            Ok(call) => self.spawn(call),
            Err(f) => self.spawn_blocking(f),
        })
    }
}
