//! One value for each user.

use super::error::OwnedError;
use super::owner::Whose;
use super::per_owner::PerOwner;
use std::fmt;
use std::time::Duration;

/// One value for each user, in a place that all share: for a `static`.
///
/// As [`PerSession`](super::PerSession), whose page says how long a value lives and what happens when
/// two want it at once, but the same in all sessions of the user, and also where there is none. Users
/// of the same name in two tenants are two. A session that ends takes nothing with it, as the user may
/// have others, so the [idle timeout](Self::idle_timeout) alone drops a value; a context whose session
/// is over gets none.
///
/// ```
/// use request_context::RequestContext;
/// use request_context::owner::PerUser;
/// use std::collections::HashMap;
///
/// static REPORTS: PerUser<HashMap<u32, String>> = PerUser::new();
///
/// fn report(year: u32) -> String {
///     REPORTS.with(|reports| reports.entry(year).or_insert_with(|| render(year)).clone())
/// }
///
/// fn render(year: u32) -> String {
///     RequestContext::with(|context| format!("{year} of {}", context.user().unwrap()))
/// }
///
/// let ada = RequestContext::builder().user("ada".parse()?).build();
/// let bob = RequestContext::builder().user("bob".parse()?).build();
///
/// assert_eq!(ada.sync_scope(|| report(2025)), "2025 of ada");
/// assert_eq!(bob.sync_scope(|| report(2025)), "2025 of bob");
/// # Ok::<_, request_context::InvalidId>(())
/// ```
pub struct PerUser<T: Send + 'static>(PerOwner<T>);

impl<T: Send + 'static> PerUser<T> {
    /// One value for each user, made by `T::default` on first use.
    #[must_use]
    pub const fn new() -> Self
    where
        T: Default,
    {
        Self::with_init(T::default)
    }

    /// One value for each user, made by `init` on first use, in the context of that use.
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

    /// Calls `f` with the value of the current user.
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

    /// Calls `f` with the value of the current user.
    ///
    /// # Errors
    /// [Outside](OwnedError::is_outside) a scope; without a user
    /// ([missing](OwnedError::is_missing_identity)); if the session of the context is over
    /// ([revoked](OwnedError::is_revoked)); if this would make one value too many
    /// ([full](OwnedError::is_full)); if the value is in use by this very thread, or by one that waits
    /// for a value that this one uses ([deadlock](OwnedError::is_deadlock)). `f` is not called then.
    pub fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Result<R, OwnedError> {
        self.0.try_with(
            |context| {
                context.require_user()?;
                Ok(Whose { session: None, ..Whose::of(context) })
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

impl<T: Default + Send + 'static> Default for PerUser<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The type of the values, and how many there are.
impl<T: Send + 'static> fmt::Debug for PerUser<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt("PerUser", f)
    }
}
