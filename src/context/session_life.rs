//! Whether a session goes on: what every context, handle and owned value of it looks at.

use crate::context::ContextValue;
use crate::context::RequestContext;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use tokio::time::Instant;

/// One for each session that this process has open; a value of all its contexts.
#[derive(Clone, Debug)]
pub(crate) struct SessionLife(Arc<Life>);

#[derive(Debug)]
struct Life {
    has_ended: AtomicBool,
    expires: Mutex<Instant>,
}

impl ContextValue for SessionLife {}

/// How many sessions have ended in this process, so that whoever keeps something per session can
/// tell by one read that there is nothing to drop.
static ENDED: AtomicU64 = AtomicU64::new(0);

impl SessionLife {
    pub(crate) fn new(expires: Instant) -> Self {
        Self(Arc::new(Life { has_ended: AtomicBool::new(false), expires: Mutex::new(expires) }))
    }

    /// Says once for all that the session is over: logged out, rotated, deleted, found gone.
    pub(crate) fn end(&self) {
        if !self.0.has_ended.swap(true, Ordering::AcqRel) {
            ENDED.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// The session was used: it expires then, if nothing else is heard.
    pub(crate) fn expires_at(&self, expires: Instant) {
        *self.0.expires.lock().unwrap_or_else(PoisonError::into_inner) = expires;
    }

    pub(crate) fn expires(&self) -> Instant {
        *self.0.expires.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the session was ended, or has expired by this process's clock.
    pub(crate) fn is_over(&self) -> bool {
        self.0.has_ended.load(Ordering::Acquire) || self.expires() <= Instant::now()
    }

    pub(crate) fn ended_count() -> u64 {
        ENDED.load(Ordering::Acquire)
    }
}

impl RequestContext {
    /// Whether the session of this context is over: logged out, rotated, deleted or expired, also by
    /// another request of this process. False without a session of the session layer.
    ///
    /// Sessions, owned state and permits ask it at each use; a long stream of your own can ask it
    /// too, and stop.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.get::<SessionLife>().is_some_and(SessionLife::is_over)
    }
}
