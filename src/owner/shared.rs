//! The explicit word for state that all may see.

use std::ops::Deref;

/// State that every user may see, and says so.
///
/// It does nothing but say so: a reader, and whoever looks for leaks in the source, can tell that
/// this `static` holds nothing of anybody in particular, and that somebody has thought about it.
///
/// ```
/// use request_context::owner::Shared;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// static REQUESTS_SERVED: Shared<AtomicU64> = Shared::new(AtomicU64::new(0));
///
/// REQUESTS_SERVED.fetch_add(1, Ordering::Relaxed);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shared<T: ?Sized>(T);

impl<T> Shared<T> {
    /// Says of `value` that all may see it.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
