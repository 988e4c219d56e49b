//! The end of a trail.

use super::TrailError;
use super::batch::Waiter;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

/// Waits until all is written and synced and the sink is closed; from
/// [`Trail::close`](super::Trail::close).
///
/// Cancel safe: the trail is closing already.
#[derive(Debug)]
#[must_use = "the trail is closing; without waiting the process may end before it is done"]
pub struct Closing(Waiter);

impl Closing {
    pub(super) fn new(waiter: Waiter) -> Self {
        Self(waiter)
    }
}

impl Future for Closing {
    type Output = Result<(), TrailError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}
