//! Whether a session goes on: what every context, handle and owned value of it looks at.

use crate::context::ContextValue;
use crate::context::RequestContext;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
#[cfg(feature = "session")]
use std::sync::Weak;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use tokio::time::Instant;

/// One for each session that this process has open; a value of all its contexts.
#[derive(Clone, Debug)]
pub(crate) struct SessionLife(Arc<Life>);

#[derive(Debug)]
struct Life {
    has_ended: AtomicBool,
    heard: Mutex<Heard>,
}

/// What the store was last heard to say of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub(crate) expires: Instant,
    /// The latest version of its data.
    pub(crate) version: u64,
    /// How often a write was given up whose outcome is not known: what was asked for before says
    /// nothing of the time after.
    pub(crate) doubts: u64,
}

impl ContextValue for SessionLife {}

impl SessionLife {
    pub(crate) fn new(expires: Instant) -> Self {
        let heard = Mutex::new(Heard { expires, version: 0, doubts: 0 });
        Self(Arc::new(Life { has_ended: AtomicBool::new(false), heard }))
    }

    /// Says once for all that the session is over: logged out, rotated, deleted, found gone.
    pub(crate) fn end(&self) {
        self.0.has_ended.store(true, Ordering::Release);
    }

    pub(crate) fn expires(&self) -> Instant {
        self.lock().expires
    }

    /// Whether the session was ended, or has expired as far as this process has heard.
    pub(crate) fn is_over(&self) -> bool {
        self.has_ended() || self.expires() <= Instant::now()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.0.has_ended.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "session")]
impl SessionLife {
    pub(crate) fn heard(&self) -> Heard {
        *self.lock()
    }

    /// The store's answer to what was asked when there had been so many `doubts`.
    pub(crate) fn hear(&self, answer: Heard) {
        let mut heard = self.lock();
        heard.version = heard.version.max(answer.version);
        if heard.doubts == answer.doubts {
            // Answers may overtake each other, and a session is never made to expire sooner.
            heard.expires = heard.expires.max(answer.expires);
        }
    }

    /// A write of its data was given up: what was read before has to be read anew.
    pub(crate) fn doubt_data(&self) {
        self.lock().doubts += 1;
    }

    /// Its end was asked for and given up: it is over until the store says that it is not.
    pub(crate) fn doubt(&self) {
        let mut heard = self.lock();
        heard.doubts += 1;
        heard.expires = heard.expires.min(Instant::now());
    }

    pub(crate) fn downgrade(&self) -> WeakSessionLife {
        WeakSessionLife(Arc::downgrade(&self.0))
    }
}

/// Does not keep the life.
#[cfg(feature = "session")]
#[derive(Debug)]
pub(crate) struct WeakSessionLife(Weak<Life>);

#[cfg(feature = "session")]
impl WeakSessionLife {
    pub(crate) fn upgrade(&self) -> Option<SessionLife> {
        self.0.upgrade().map(SessionLife)
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
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
