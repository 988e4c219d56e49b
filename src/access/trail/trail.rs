//! The handle of a trail.

use super::Alarm;
use super::Closing;
use super::Stats;
use super::TrailBuilder;
use super::TrailError;
use super::batch::Waiter;
use super::queue::Queue;
use super::stats::Counters;
use super::stats::count;
use crate::access::chain::Head;
use crate::access::encode::Encoding;
use crate::access::encode::Origin;
use crate::access::encode::Record;
use crate::context::ContextValue;
use crate::context::Reach;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;

/// Where the records of accesses go: a [`ContextValue`] for the layer, also for detached work.
///
/// A clone is another handle of the same trail. With the last one gone, what is queued is still
/// written, but nobody waits for it: [`close`](Self::close) does.
#[derive(Clone)]
pub struct Trail {
    handle: Arc<Handle>,
}

impl ContextValue for Trail {
    const REACH: Reach = Reach::Beyond;
}

/// All clones of a trail; the writer has the rest.
struct Handle {
    shared: Arc<Shared>,
}

/// What handles and writer have in common.
pub(super) struct Shared {
    pub(super) queue: Queue,
    pub(super) encoding: Encoding,
    pub(super) origin: Origin,
    pub(super) clock: Clock,
    pub(super) counters: Counters,
    pub(super) head: Mutex<Head>,
    pub(super) alarm: Option<OnAlarm>,
}

pub(super) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;
pub(super) type OnAlarm = Box<dyn Fn(&Alarm) + Send + Sync>;

impl Trail {
    /// Begins a trail of the service of this name.
    pub fn builder(service: impl Into<String>) -> TrailBuilder {
        TrailBuilder::new(service.into())
    }

    /// Where the chain ends now: of what is written, not yet of what waits.
    #[must_use]
    pub fn head(&self) -> Head {
        self.shared().head.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the trail has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared().counters.read()
    }

    /// Closes the trail: it takes no more records, from no handle. The future waits until those that
    /// were queued are written and synced, whatever the policy, and the sink is closed.
    ///
    /// # Errors
    /// [`TrailError`] if the last write or sync failed.
    pub fn close(&self) -> Closing {
        self.shared().queue.close();
        Closing::new(self.shared().queue.closed())
    }

    pub(super) fn of(shared: Arc<Shared>) -> Self {
        Self { handle: Arc::new(Handle { shared }) }
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.shared().clock)()
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.shared().origin
    }

    pub(crate) fn encode(&self, record: &Record<'_>) -> Vec<u8> {
        self.shared().encoding.encode(record)
    }

    /// `None` if the record is lost and the access may go on.
    pub(super) fn queue(&self, body: Vec<u8>) -> Result<Option<Waiter>, TrailError> {
        self.shared().queue.push(body).map(Some).or_else(|error| {
            self.shared().lose(&error, 1)?;
            Ok(None)
        })
    }

    /// Queues a record that nobody waits for.
    pub(crate) fn note(&self, body: Vec<u8>) -> Result<(), TrailError> {
        self.queue(body).map(drop)
    }

    fn shared(&self) -> &Shared {
        &self.handle.shared
    }
}

impl Shared {
    /// Counts lost records, and fails unless it was chosen to go on.
    pub(super) fn lose(&self, error: &TrailError, lost: usize) -> Result<(), TrailError> {
        count(&self.counters.lost, lost);
        if self.alarm.is_none() {
            return Err(error.clone());
        }
        self.ring(error, lost);
        Ok(())
    }

    /// Tells the alarm, if there is one. Neither the access nor the writer is to end by its panic.
    pub(super) fn ring(&self, error: &TrailError, lost: usize) {
        let Some(alarm) = &self.alarm else { return };
        let told = Alarm::new(error.clone(), lost as u64);
        if catch_unwind(AssertUnwindSafe(|| alarm(&told))).is_err() {
            tracing::error!(lost, "the alarm of the trail panicked");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trail").field("service", &self.origin().service).finish_non_exhaustive()
    }
}
