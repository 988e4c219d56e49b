//! How long a session lasts.

use std::time::Duration;

/// How long a session lasts: after its last use, and in all. The store enforces both.
///
/// Kept with each session, to the millisecond. The idle timeout begins anew with every use; the
/// absolute one never does, not even by a [rotation](super::SessionStore::rotate) for the same
/// owner (OWASP ASVS 5.0, 7.3.1 and 7.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    idle: Duration,
    absolute: Duration,
}

impl Timeouts {
    /// The longest that either may be: 400 days, what browsers allow a cookie (RFC 6265bis, 5.5).
    pub const MAX: Duration = Duration::from_secs(400 * 24 * 60 * 60);

    /// Each is brought into 1 ms to [`MAX`](Self::MAX), and `idle` to `absolute` at most.
    #[must_use]
    pub fn new(idle: Duration, absolute: Duration) -> Self {
        let absolute = absolute.clamp(Duration::from_millis(1), Self::MAX);
        Self { idle: idle.clamp(Duration::from_millis(1), absolute), absolute }
    }

    /// The time after the last use.
    #[must_use]
    pub fn idle(&self) -> Duration {
        self.idle
    }

    /// The time in all.
    #[must_use]
    pub fn absolute(&self) -> Duration {
        self.absolute
    }
}

impl Default for Timeouts {
    /// 30 minutes idle, 8 hours in all: the middle of what the OWASP Session Management Cheat Sheet
    /// gives for applications of low risk.
    fn default() -> Self {
        Self::new(Duration::from_secs(30 * 60), Duration::from_secs(8 * 60 * 60))
    }
}
