//! What the suite needs of who writes a store.

use crate::session::Limits;
use crate::session::SessionStore;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// What a harness does, to come.
pub type HarnessFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Makes the stores that the suite checks, and lets time pass for them.
///
/// The suite spawns tasks, so it runs in a tokio runtime; best in one of several threads, if the
/// store's time does not depend on a paused clock.
pub trait StoreHarness: Send + Sync {
    /// A store of these limits. All may keep their sessions in the same place, along with other
    /// sessions: the suite asks for IDs and owners of its own only.
    fn store(&self, limits: Limits) -> HarnessFuture<'_, Arc<dyn SessionStore>>;

    /// Lets at least this time pass for the store: by `tokio::time::advance`, or by waiting.
    fn pass(&self, time: Duration) -> HarnessFuture<'_, ()>;

    /// How much longer [`pass`](Self::pass) or a call may take than it should. Nothing under a paused
    /// clock, which makes the rules of time exact; a tenth of a second and more for a real one. The
    /// suite waits for some forty times this. A rule of time that is broken after it has taken longer
    /// shows nothing of the store, and is tried again, five times at most.
    fn tolerance(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether the store holds the sessions itself, so that `Limits::sessions` is for it to keep.
    fn counts_sessions(&self) -> bool {
        true
    }

    /// Whether the store knows [the successor](SessionStore::successor) of a session that was rotated a
    /// moment ago, as one that several processes share should.
    fn tells_successors(&self) -> bool {
        false
    }

    /// Whether a rotation that is cancelled halfway has happened or has not. One over two places may
    /// leave the old session gone and the new one not yet there, until it is asked again.
    fn rotates_at_once(&self) -> bool {
        true
    }
}
