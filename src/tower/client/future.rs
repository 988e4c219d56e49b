//! [`ClientFuture`]: the inner service's future, or the refusal to call it.

use super::error::ClientError;
use super::error::Refusal;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

pin_project! {
    /// The response to come, or the refusal.
    ///
    /// # Errors
    /// [`ClientError`]: the call was refused, or the inner service's failed.
    ///
    /// # Panics
    /// `poll` panics when the inner future does, and, if the call was refused, after completion.
    ///
    /// # Cancel safety
    /// Dropped, it drops the inner service's future, and nothing more is done: whether the request
    /// has gone out by then is up to that service. A refused call has sent nothing.
    #[must_use = "futures do nothing unless polled"]
    pub struct ClientFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F> {
        Called { #[pin] future: F },
        // `Some` until it is polled.
        Refused { refusal: Option<Refusal> },
    }
}

impl<F> ClientFuture<F> {
    pub(super) fn called(future: F) -> Self {
        Self { state: State::Called { future } }
    }

    pub(super) fn refused(refusal: Refusal) -> Self {
        Self { state: State::Refused { refusal: Some(refusal) } }
    }
}

impl<F, R, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<R, E>>,
{
    type Output = Result<R, ClientError<E>>;

    #[expect(clippy::expect_used, reason = "a future may panic when polled after completion")]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.project().state.project() {
            StateProjection::Called { future } => {
                ready!(future.poll(cx)).map_err(ClientError::inner)
            }
            StateProjection::Refused { refusal } => {
                Err(ClientError::refused(refusal.take().expect("polled after completion")))
            }
        })
    }
}

impl<F> fmt::Debug for ClientFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientFuture").finish_non_exhaustive()
    }
}
