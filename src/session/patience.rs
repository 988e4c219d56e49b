//! How long one operation may take in all.

use super::error::StoreError;
use super::session_error::SessionError;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Sleep;
use tokio::time::sleep;

const LATE: &str = "it took longer than the operation timeout of the sessions";

/// What is given up may have happened.
pub(super) async fn writes<T>(
    patience: Duration,
    operation: impl Future<Output = Result<T, SessionError>>,
) -> Result<T, SessionError> {
    within(patience, StoreError::in_doubt, operation).await
}

/// What is given up would have changed nothing.
pub(super) async fn reads<T>(
    patience: Duration,
    operation: impl Future<Output = Result<T, SessionError>>,
) -> Result<T, SessionError> {
    within(patience, StoreError::unavailable, operation).await
}

/// Every wait of the operation counts: for others that have their turn first, for each answer of the
/// store, for the pauses between. It is dropped at one of its awaits then, as its caller may do too.
async fn within<T>(
    patience: Duration,
    given_up: fn(&'static str) -> StoreError,
    operation: impl Future<Output = Result<T, SessionError>>,
) -> Result<T, SessionError> {
    let mut operation = pin!(operation);
    // What is done at once needs no timer.
    let mut timer = pin!(None::<Sleep>);
    poll_fn(|cx| {
        if let Poll::Ready(answer) = operation.as_mut().poll(cx) {
            return Poll::Ready(answer);
        }
        if timer.is_none() {
            timer.set(Some(sleep(patience)));
        }
        match timer.as_mut().as_pin_mut().map(|timer| timer.poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(given_up(LATE).into())),
            _ => Poll::Pending,
        }
    })
    .await
}
