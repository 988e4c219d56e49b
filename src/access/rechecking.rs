//! A permit that is asked for anew.

use super::AccessError;
use super::Authorizing;
use super::PermitError;
use super::Resource;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

/// Waits whether a permit would be given again; from [`Permit::recheck`](super::Permit::recheck).
///
/// # Cancel safety
/// As [`Authorizing`].
#[must_use = "nothing is checked until it is awaited"]
pub struct Rechecking<R> {
    asking: Result<Authorizing<R>, PermitError>,
}

impl<R> Rechecking<R> {
    pub(super) fn new(asking: Result<Authorizing<R>, PermitError>) -> Self {
        Self { asking }
    }
}

impl<R: Resource + 'static> Future for Rechecking<R> {
    type Output = Result<(), AccessError>;

    /// # Panics
    /// When polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match &mut self.asking {
            Ok(asking) => ready!(Pin::new(asking).poll(cx)).map(drop),
            Err(error) => Err(error.clone().into()),
        })
    }
}

impl<R> fmt::Debug for Rechecking<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rechecking").finish_non_exhaustive()
    }
}
