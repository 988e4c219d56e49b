//! Work in a `JoinSet`, in the current context.

use crate::context::NoContext;
use crate::scope::ContextExt;
use crate::scope::carry;
use crate::scope::schedule::scheduled;
use crate::scope::schedule::scheduled_call;
use crate::scope::try_carry;
use tokio::task::AbortHandle;
use tokio::task::JoinSet;

/// Starts work in a [`JoinSet`] in the current context.
pub trait JoinSetExt<T> {
    /// As [`JoinSet::spawn`], in the context and span that are current at this call.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line; outside a tokio runtime.
    #[track_caller]
    fn spawn_in_context<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send;

    /// As [`JoinSet::spawn_blocking`], in the context and span that are current at this call.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line; outside a tokio runtime.
    #[track_caller]
    fn spawn_blocking_in_context<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send;

    /// As [`JoinSet::spawn_local`], in the context and span that are current at this call.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line; outside a [`LocalSet`](tokio::task::LocalSet).
    #[track_caller]
    fn spawn_local_in_context<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static;

    /// As [`spawn_in_context`](Self::spawn_in_context).
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; nothing is started and the future is dropped.
    #[track_caller]
    fn try_spawn_in_context<F>(&mut self, future: F) -> Result<AbortHandle, NoContext>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send;

    /// As [`spawn_blocking_in_context`](Self::spawn_blocking_in_context).
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; nothing is started and the closure is dropped.
    #[track_caller]
    fn try_spawn_blocking_in_context<F>(&mut self, f: F) -> Result<AbortHandle, NoContext>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send;

    /// As [`spawn_local_in_context`](Self::spawn_local_in_context).
    ///
    /// # Errors
    /// [`NoContext`] outside a scope; nothing is started and the future is dropped.
    #[track_caller]
    fn try_spawn_local_in_context<F>(&mut self, future: F) -> Result<AbortHandle, NoContext>
    where
        F: Future<Output = T> + 'static;
}

impl<T: 'static> JoinSetExt<T> for JoinSet<T> {
    #[track_caller]
    fn spawn_in_context<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.spawn(scheduled(future.in_current_context()))
    }

    #[track_caller]
    fn spawn_blocking_in_context<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        match scheduled_call(carry(f)) {
            Ok(call) => self.spawn(call),
            Err(f) => self.spawn_blocking(f),
        }
    }

    #[track_caller]
    fn spawn_local_in_context<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.spawn_local(future.in_current_context())
    }

    #[track_caller]
    fn try_spawn_in_context<F>(&mut self, future: F) -> Result<AbortHandle, NoContext>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        Ok(self.spawn(scheduled(future.try_in_current_context()?)))
    }

    #[track_caller]
    fn try_spawn_blocking_in_context<F>(&mut self, f: F) -> Result<AbortHandle, NoContext>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        Ok(match scheduled_call(try_carry(f)?) {
            Ok(call) => self.spawn(call),
            Err(f) => self.spawn_blocking(f),
        })
    }

    #[track_caller]
    fn try_spawn_local_in_context<F>(&mut self, future: F) -> Result<AbortHandle, NoContext>
    where
        F: Future<Output = T> + 'static,
    {
        Ok(self.spawn_local(future.try_in_current_context()?))
    }
}
