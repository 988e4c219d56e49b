//! Finds plain spawns inside a scope.

use crate::context::RequestContext;
use crate::context::accounted;
use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use tokio::runtime::Builder;
use tokio::runtime::TaskMeta;
use tokio::task::Id;

/// Reports each plain `tokio::spawn` that was made inside a scope, with its file and line.
///
/// A tool for development and tests, compiled under `RUSTFLAGS="--cfg tokio_unstable"` only. A task
/// is reported once, at the end of its first poll, if it was started where a context was current
/// (by [`tokio::spawn`], `JoinSet::spawn`, `Handle::spawn`) and nothing in that poll entered a
/// scope. So what is carried by any means of this crate is not reported, nor is
/// [`spawn_outside`](crate::spawn_outside).
///
/// ```
/// use request_context::PlainSpawnDetector;
/// use request_context::RequestContext;
/// use std::sync::Arc;
/// use std::sync::Mutex;
///
/// let found = Arc::new(Mutex::new(Vec::new()));
/// let mut builder = tokio::runtime::Builder::new_current_thread();
/// PlainSpawnDetector::new({
///     let found = Arc::clone(&found);
///     move |location| found.lock().unwrap().push(location.to_string())
/// })
/// .install(&mut builder);
///
/// builder.build()?.block_on(RequestContext::new().scope(async {
///     request_context::spawn(async {}).await?;
///     tokio::spawn(async {}).await
/// }))?;
/// assert_eq!(found.lock().unwrap().len(), 1);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Limits
/// - A tokio runtime has one slot for each hook. The detector takes `on_task_spawn`,
///   `on_before_task_poll` and `on_after_task_poll`: it replaces what was set on the builder
///   before, and what is set later replaces it.
/// - Tokio calls no hook for `spawn_blocking`, for tasks of a `LocalSet`, and for threads: these are
///   not seen.
/// - Only the first poll is looked at. A task that enters a scope later, as the reader of a channel
///   does with each message, is reported: start it with `spawn_outside`. A task that does enter one
///   is taken for carried, whichever scope that was.
/// - A task that is aborted before its first poll is reported like any other; one that the shutdown
///   of its runtime drops before that is not.
/// - Libraries spawn too. The location tells whose line it is.
///
/// Each spawn inside a scope, also a carried one, costs a lock and a map entry until its first poll
/// has ended. While there is any such task, each poll on the runtime costs a lock.
#[must_use = "a detector sees nothing until it is installed"]
pub struct PlainSpawnDetector {
    report: Box<Report>,
}

type Report = dyn Fn(&'static Location<'static>) + Send + Sync;

impl PlainSpawnDetector {
    /// A detector that calls `report` with the location of each plain spawn inside a scope.
    ///
    /// It is called on the thread that polled the task, after that poll, without a lock held. It
    /// must not panic: tokio does not expect that of its hooks.
    pub fn new(report: impl Fn(&'static Location<'static>) + Send + Sync + 'static) -> Self {
        Self { report: Box::new(report) }
    }

    /// Sets the hooks of `builder`, for each runtime that it builds from now on.
    pub fn install(self, builder: &mut Builder) -> &mut Builder {
        let unpolled = Arc::new(Unpolled::default());
        let spawned = Arc::clone(&unpolled);
        builder
            .on_task_spawn(move |task| {
                if RequestContext::in_scope() {
                    spawned.insert(task);
                }
            })
            .on_before_task_poll(|_| accounted::begin_poll())
            .on_after_task_poll(move |task| {
                let accounted = accounted::end_poll();
                if let Some(location) = unpolled.remove(task)
                    && !accounted
                {
                    (self.report)(location);
                }
            })
    }
}

/// A detector that emits a warning of `tracing` for each plain spawn inside a scope.
#[cfg(feature = "tracing")]
impl Default for PlainSpawnDetector {
    fn default() -> Self {
        Self::new(|location| {
            tracing::warn!(
                code.file.path = location.file(),
                code.line.number = location.line(),
                "the task spawned at {location} left its request: nothing carried the \
                 `RequestContext` into it; start it with `request_context::spawn` or \
                 `spawn_in_context`, or with `spawn_detached` or `spawn_outside` if that is meant"
            );
        })
    }
}

impl fmt::Debug for PlainSpawnDetector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainSpawnDetector").finish_non_exhaustive()
    }
}

/// The tasks that were started inside a scope and whose first poll has not ended.
#[derive(Default)]
struct Unpolled {
    /// Read before the lock is taken, since nearly all polls are of other tasks. It cannot be seen
    /// as zero by the poll of a task that is in the map: tokio queues a task after the spawn hook.
    len: AtomicUsize,
    tasks: Mutex<HashMap<Id, &'static Location<'static>>>,
}

impl Unpolled {
    fn insert(&self, task: &TaskMeta<'_>) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.insert(task.id(), task.spawned_at());
        self.len.store(tasks.len(), Ordering::Relaxed);
    }

    fn remove(&self, task: &TaskMeta<'_>) -> Option<&'static Location<'static>> {
        if self.len.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let location = tasks.remove(&task.id());
        self.len.store(tasks.len(), Ordering::Relaxed);
        location
    }
}
