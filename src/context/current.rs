//! The only task-local: which context is current, and how one becomes so.
//!
//! Nothing of the user's runs while the slot is borrowed: a read clones the pointer first, and a
//! swap moves pointers only. So a read callback may enter scopes, and a value's `Drop` may read.

use crate::context::NoContext;
use crate::context::RequestContext;
use crate::context::accounted;
use crate::context::accounted::Accounted;
use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    static CURRENT: RequestContext;
}

impl RequestContext {
    /// The context that this code runs in.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line. [`RequestContext::try_current`] returns an error
    /// instead.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn current() -> Self {
        match get() {
            Some(context) => context,
            None => outside(),
        }
    }

    /// The context that this code runs in, if there is one.
    ///
    /// # Errors
    /// [`NoContext`] outside a scope, and while the thread's local storage is being torn down.
    #[inline]
    pub fn try_current() -> Result<Self, NoContext> {
        get().ok_or(NoContext::new())
    }

    /// Calls `f` with the context that this code runs in.
    ///
    /// Nothing stays borrowed meanwhile: `f` may read again, enter scopes and drop contexts.
    ///
    /// # Panics
    /// Outside a scope, at the caller's line, without calling `f`. [`RequestContext::try_with`]
    /// returns an error instead.
    #[inline]
    #[track_caller]
    pub fn with<R>(f: impl FnOnce(&Self) -> R) -> R {
        f(&Self::current())
    }

    /// Calls `f` with the context that this code runs in, if there is one.
    ///
    /// # Errors
    /// [`NoContext`] outside a scope, without calling `f`.
    #[inline]
    pub fn try_with<R>(f: impl FnOnce(&Self) -> R) -> Result<R, NoContext> {
        Self::try_current().map(|context| f(&context))
    }

    /// Whether this code runs in a scope: the cheapest of all reads.
    ///
    /// ```
    /// use request_context::RequestContext;
    ///
    /// assert!(!RequestContext::in_scope());
    /// assert!(RequestContext::new().sync_scope(RequestContext::in_scope));
    /// ```
    #[must_use]
    pub fn in_scope() -> bool {
        peek(|_| ()).is_some()
    }

    /// Runs `f` in exactly this context, and restores what was current before, also if `f` panics.
    ///
    /// ```
    /// use request_context::RequestContext;
    ///
    /// let context = RequestContext::new();
    /// let inside = context.clone().sync_scope(|| RequestContext::current().request_id().clone());
    /// assert_eq!(&inside, context.request_id());
    /// assert!(RequestContext::try_current().is_err());
    /// ```
    ///
    /// # Panics
    /// While the thread's local storage is being torn down; and if `f` does.
    #[track_caller]
    pub fn sync_scope<R>(self, f: impl FnOnce() -> R) -> R {
        accounted::note();
        CURRENT.sync_scope(self, f)
    }
}

/// A future that is polled and dropped in a context.
pub(crate) type Scoped<F> = TaskLocalFuture<RequestContext, Accounted<F>>;

/// The current context. A function beside the key, since only there is the access to it inlined.
fn get() -> Option<RequestContext> {
    CURRENT.try_with(RequestContext::clone).ok()
}

/// The current context, as child work gets it.
pub(crate) fn get_for_children() -> Option<RequestContext> {
    CURRENT.try_with(RequestContext::for_children).ok()
}

/// Polls and drops `future` in `context`.
#[inline(always)]
pub(crate) fn scope<F: Future>(context: RequestContext, future: F) -> Scoped<F> {
    CURRENT.scope(context, accounted::account_for(future))
}

/// A read by the crate itself: no pointer is cloned, so `read` must run no code of the user's.
pub(crate) fn peek<R>(read: impl FnOnce(&RequestContext) -> R) -> Option<R> {
    CURRENT.try_with(read).ok()
}

/// The answer of every entry point that needs a context where there is none.
#[cold]
#[track_caller]
pub(crate) fn outside() -> ! {
    panic!(
        "no `RequestContext` is current here: this code runs outside every request's scope.
  Usual causes, and what mends them:
  - it was started by a plain `tokio::spawn` or `spawn_blocking`: \
use `request_context::spawn` or `request_context::spawn_blocking`
  - it is a stream or a response body, polled after the handler returned: \
wrap it with `.in_current_context()` in the handler
  - it runs on a thread or a pool: wrap the closure with `request_context::carry`
  - it received work through a channel: send `RequestContext::current()` along, \
and enter it with `.in_context(context)`
  - no scope was entered: `context.scope(future)` for each request, \
or `RequestContext::new().scope(future)` in a test or a job
  - it belongs to no request: start it with `request_context::spawn_outside`, \
and read with `RequestContext::try_current`"
    )
}
