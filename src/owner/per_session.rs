//! One value for each session.

use super::error::OwnedError;
use super::owner::Whose;
use super::per_owner::PerOwner;
use std::fmt;
use std::time::Duration;

/// One value for each session, in a place that all share: for a `static`.
///
/// There is no key to get wrong. Which value [`with`](Self::with) gives is decided by the current
/// context alone: its session, its user and its tenant, compared in full at each access. Whoever else
/// comes to the same session, by a login for instance, begins with a value of their own.
///
/// ```
/// use request_context::RequestContext;
/// use request_context::owner::PerSession;
///
/// static CART: PerSession<Vec<String>> = PerSession::new();
///
/// fn add(item: &str) -> usize {
///     CART.with(|cart| {
///         cart.push(item.to_owned());
///         cart.len()
///     })
/// }
///
/// let ada = RequestContext::builder().session("a1".parse()?).user("ada".parse()?).build();
/// let bob = RequestContext::builder().session("b7".parse()?).user("bob".parse()?).build();
///
/// assert_eq!(ada.clone().sync_scope(|| add("tea")), 1);
/// assert_eq!(bob.sync_scope(|| add("coffee")), 1);
/// assert_eq!(ada.sync_scope(|| add("biscuits")), 2);
/// # Ok::<_, request_context::InvalidId>(())
/// ```
///
/// # How long a value lives
/// From its first use until its session ends or expires, or until it was not used for the
/// [idle timeout](Self::idle_timeout); after a logout nobody gets it, whatever still runs. It is
/// dropped at the latest at the next access to any value of this `PerSession`, or at
/// [`prune`](Self::prune). A session that is rotated ends, and its successor begins anew. A session
/// that no session layer knows of, in a context built by hand, has the idle timeout alone.
///
/// What is dropped is dropped under no lock, and in a context of its owner with a request ID of its
/// own, whoever's access it was that did it; if that panics, the panic stays there. The number of
/// values is [bounded](Self::max), and a live one is never dropped to make room.
///
/// # One at a time
/// Requests of one session take turns at its value, and wait in place: keep `f` short. Requests of
/// different sessions do not wait for each other. `f` may use other values, also of other statics; a
/// use that could never begin, since it waits for itself, is an error and no hang. No lock is held
/// over an `.await`, since `f` cannot wait for one.
///
/// If `f` panics, the value may be half changed: it is dropped, and the next use begins anew.
pub struct PerSession<T: Send + 'static>(PerOwner<T>);

impl<T: Send + 'static> PerSession<T> {
    /// One value for each session, made by `T::default` on first use.
    #[must_use]
    pub const fn new() -> Self
    where
        T: Default,
    {
        Self::with_init(T::default)
    }

    /// One value for each session, made by `init` on first use, in the context of that use.
    #[must_use]
    pub const fn with_init(init: fn() -> T) -> Self {
        Self(PerOwner::new(init))
    }

    /// Drops a value that was not used for so long. 30 minutes, unless set.
    #[must_use]
    pub const fn idle_timeout(mut self, idle: Duration) -> Self {
        self.0.idle = idle;
        self
    }

    /// Keeps no more values than this at a time. 100,000, unless set.
    #[must_use]
    pub const fn max(mut self, max: usize) -> Self {
        self.0.max = max;
        self
    }

    /// Calls `f` with the value of the current session.
    ///
    /// # Panics
    /// Where [`try_with`](Self::try_with) fails, at the caller's line; and if `f` does.
    #[track_caller]
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        match self.try_with(f) {
            Ok(result) => result,
            Err(error) => error.panic(),
        }
    }

    /// Calls `f` with the value of the current session.
    ///
    /// # Errors
    /// [Outside](OwnedError::is_outside) a scope; without a session
    /// ([missing](OwnedError::is_missing_identity)); if the session of the context is over
    /// ([revoked](OwnedError::is_revoked)); if this would make one value too many
    /// ([full](OwnedError::is_full)); if the value is in use by this very thread, or by one that waits
    /// for a value that this one uses ([deadlock](OwnedError::is_deadlock)). `f` is not called then.
    pub fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Result<R, OwnedError> {
        self.0.try_with(
            |context| {
                context.require_session()?;
                Ok(Whose::of(context))
            },
            f,
        )
    }

    /// How many values there are, with those that are due but not dropped yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops now what the next access would: how many values that were. Needs no context.
    pub fn prune(&self) -> usize {
        self.0.prune()
    }
}

impl<T: Default + Send + 'static> Default for PerSession<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The type of the values, and how many there are.
impl<T: Send + 'static> fmt::Debug for PerSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt("PerSession", f)
    }
}
