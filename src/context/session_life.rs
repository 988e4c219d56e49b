//! Whether a session goes on: what every context, handle and owned value of it looks at.

use crate::context::ContextValue;
use crate::context::RequestContext;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::Weak;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use tokio::time::Instant;

/// One for each session that this process has open; a value of all its contexts.
#[derive(Clone)]
pub(crate) struct SessionLife(Arc<Life>);

struct Life {
    has_ended: AtomicBool,
    /// What `expires` counts from, in nanoseconds.
    began: Instant,
    /// As it was heard last: every access of its contexts asks, so it is read without the lock. Written
    /// under it.
    expires: AtomicU64,
    heard: Mutex<Heard>,
    heirs: Mutex<Vec<Weak<dyn Heir>>>,
}

impl Life {
    fn since_it_began(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.began);
        let whole = since.as_secs().saturating_mul(1_000_000_000);
        whole.saturating_add(since.subsec_nanos().into())
    }

    /// Whoever calls this has `heard` under its lock.
    #[cfg(any(feature = "session", test))]
    fn expires_at(&self, heard: &mut Heard, at: Instant) {
        heard.expires = at;
        self.expires.store(self.since_it_began(at), Ordering::Release);
    }
}

/// What the store was last heard to say of a session.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(any(feature = "session", test)),
    expect(dead_code, reason = "without sessions nothing is heard of")
)]
pub(crate) struct Heard {
    pub(crate) expires: Instant,
    /// The latest version of its data.
    pub(crate) version: u64,
    /// How often a write was given up whose outcome is not known: what was asked for before says
    /// nothing of the time after.
    pub(crate) doubts: u64,
}

/// What is to go when a session ends.
pub(crate) trait Heir: Send + Sync {
    /// The session has ended. Runs no code of the user's: the end is nobody's request in particular.
    fn session_ended(self: Arc<Self>);
}

impl ContextValue for SessionLife {}

impl SessionLife {
    pub(crate) fn expires(&self) -> Instant {
        lock(&self.0.heard).expires
    }

    /// Whether the session was ended, or has expired as far as this process has heard.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over_at(Instant::now())
    }

    /// [`is_over`](Self::is_over) for who has read the clock.
    pub(crate) fn is_over_at(&self, now: Instant) -> bool {
        self.has_ended() || self.0.expires.load(Ordering::Acquire) <= self.0.since_it_began(now)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.0.has_ended.load(Ordering::Acquire)
    }

    /// Has `heir` told of the end. False if that has come already.
    pub(crate) fn tell(&self, heir: Weak<dyn Heir>) -> bool {
        let mut heirs = lock(&self.0.heirs);
        if self.has_ended() {
            return false;
        }
        if heirs.len() == heirs.capacity() {
            heirs.retain(|heir| heir.strong_count() > 0);
        }
        heirs.push(heir);
        true
    }

    #[cfg(test)]
    pub(crate) fn heirs(&self) -> usize {
        lock(&self.0.heirs).len()
    }

    /// The same for clones of the same life, as long as one of them is there.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

/// What only the sessions themselves say and ask.
#[cfg_attr(
    not(any(feature = "session", test)),
    expect(dead_code, reason = "without sessions none begins or ends")
)]
impl SessionLife {
    pub(crate) fn new(expires: Instant) -> Self {
        let mut life = Life {
            has_ended: AtomicBool::new(false),
            began: Instant::now(),
            expires: AtomicU64::new(0),
            heard: Mutex::new(Heard { expires, version: 0, doubts: 0 }),
            heirs: Mutex::default(),
        };
        life.expires = AtomicU64::new(life.since_it_began(expires));
        Self(Arc::new(life))
    }

    /// Says once for all that the session is over: logged out, rotated, deleted, found gone.
    pub(crate) fn end(&self) {
        if !self.0.has_ended.swap(true, Ordering::AcqRel) {
            // Whoever is not among them yet has not been told of a session that goes on.
            let heirs = std::mem::take(&mut *lock(&self.0.heirs));
            heirs.iter().filter_map(Weak::upgrade).for_each(Heir::session_ended);
        }
    }
}

#[cfg(any(feature = "session", test))]
impl SessionLife {
    pub(crate) fn heard(&self) -> Heard {
        *lock(&self.0.heard)
    }

    /// The store's answer to what was asked when there had been so many `doubts`.
    pub(crate) fn hear(&self, answer: Heard) {
        let mut heard = lock(&self.0.heard);
        heard.version = heard.version.max(answer.version);
        if heard.doubts == answer.doubts {
            // Answers may overtake each other, and a session is never made to expire sooner.
            let expires = heard.expires.max(answer.expires);
            self.0.expires_at(&mut heard, expires);
        }
    }

    /// A write of its data was given up: what was read before has to be read anew.
    pub(crate) fn doubt_data(&self) {
        lock(&self.0.heard).doubts += 1;
    }

    /// Its end was asked for and given up: it is over until the store says that it is not.
    pub(crate) fn doubt(&self) {
        let mut heard = lock(&self.0.heard);
        heard.doubts += 1;
        let expires = heard.expires.min(Instant::now());
        self.0.expires_at(&mut heard, expires);
    }

    pub(crate) fn downgrade(&self) -> WeakSessionLife {
        WeakSessionLife(Arc::downgrade(&self.0))
    }
}

/// Does not keep the life.
#[cfg(any(feature = "session", test))]
pub(crate) struct WeakSessionLife(Weak<Life>);

#[cfg(any(feature = "session", test))]
impl WeakSessionLife {
    pub(crate) fn upgrade(&self) -> Option<SessionLife> {
        self.0.upgrade().map(SessionLife)
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for SessionLife {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLife").field("is_over", &self.is_over()).finish()
    }
}

#[cfg(any(feature = "session", test))]
impl fmt::Debug for WeakSessionLife {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSessionLife").finish_non_exhaustive()
    }
}

impl RequestContext {
    /// Whether the session of this context is over: logged out, rotated, deleted or expired, also by
    /// another request of this process. False without a session of the session layer.
    ///
    /// Sessions, owned state and permits ask it at each use; a long stream of your own can ask it
    /// too, and stop.
    #[inline]
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.get::<SessionLife>().is_some_and(SessionLife::is_over)
    }
}
