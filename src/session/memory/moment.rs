//! Times as the store has them: half the size of an `Instant`, and compared in one step.

use std::time::Duration;
use tokio::time::Instant;

/// Nanoseconds since the store was made. It is as exact as tokio's clock, also when that is paused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

impl Moment {
    /// 584 years ahead.
    pub(super) const NEVER: Self = Self(u64::MAX);

    #[inline]
    pub(super) fn after(self, span: Duration) -> Self {
        self.after_nanos(nanos(span))
    }

    /// The same as [`after`](Self::after) of that many nanoseconds.
    #[inline]
    pub(super) fn after_nanos(self, span: u64) -> Self {
        Self(self.0.saturating_add(span))
    }

    /// None if it comes later.
    #[inline]
    pub(super) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    pub(super) fn to_bits(self) -> u64 {
        self.0
    }
}

#[derive(Clone, Copy)]
pub(super) struct Clock {
    began: Instant,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { began: Instant::now() }
    }

    #[inline]
    pub(super) fn now(&self) -> Moment {
        Moment(nanos(Instant::now().saturating_duration_since(self.began)))
    }

    /// `None` if it never comes.
    pub(super) fn instant(&self, moment: Moment) -> Option<Instant> {
        self.began.checked_add(Duration::from_nanos(moment.0)).filter(|_| moment != Moment::NEVER)
    }
}

/// All of a span, or as much as a number has room for: 584 years.
#[inline]
pub(super) fn nanos(span: Duration) -> u64 {
    let whole = span.as_secs().saturating_mul(1_000_000_000);
    whole.saturating_add(span.subsec_nanos().into())
}
