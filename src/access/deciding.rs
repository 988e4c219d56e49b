//! A policy's answer that is waited for.

use super::policy::Policy;
use super::policy::Verdict;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep_until;

/// A policy's answer that is waited for: no longer than that policy may take.
pub(super) struct Deciding {
    verdict: Pin<Box<dyn Future<Output = Verdict> + Send>>,
    timeout: Duration,
    /// From the first time that there was no answer.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deciding {
    pub(super) fn new(
        verdict: Pin<Box<dyn Future<Output = Verdict> + Send>>,
        policy: &Policy,
    ) -> Self {
        Self { verdict, timeout: policy.answers_within(), timer: None }
    }

    /// Has the end of the time wake it; none ends that is beyond the clock, or outside a runtime.
    fn start_timer(&mut self) {
        if self.timer.is_none()
            && Handle::try_current().is_ok()
            && let Some(deadline) = Instant::now().checked_add(self.timeout)
        {
            self.timer = Some(Box::pin(sleep_until(deadline)));
        }
    }
}

impl Future for Deciding {
    type Output = Verdict;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Verdict> {
        let this = &mut *self;
        let polled = catch_unwind(AssertUnwindSafe(|| this.verdict.as_mut().poll(cx)));
        let polled = polled.unwrap_or_else(|_| Poll::Ready(Verdict::panicked()));
        if polled.is_ready() {
            return polled;
        }
        this.start_timer();
        match &mut this.timer {
            Some(timer) => timer.as_mut().poll(cx).map(|()| Verdict::timed_out()),
            None => Poll::Pending,
        }
    }
}
