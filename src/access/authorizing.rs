//! A decision that is waited for.

use super::AccessError;
use super::Permit;
use super::Resource;
use super::ask::Ask;
use super::ask::Step;
use super::ask::panicked;
use std::fmt;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

/// Waits for the policy's decision, and until that is on record.
///
/// # Cancel safety
/// Dropped before the policy has decided, nothing is decided and nothing on record. Dropped after, the
/// decision may be on record though there is no permit.
#[must_use = "there is no permit until it is awaited"]
pub struct Authorizing<R> {
    /// `None` once it is answered.
    ask: Option<Ask<R>>,
    step: Step,
}

/// Nothing in it is pinned: the policy's future is boxed.
impl<R> Unpin for Authorizing<R> {}

impl<R: Resource + 'static> Authorizing<R> {
    pub(super) fn begin(ask: Ask<R>) -> Self {
        let step = ask.begin();
        Self { ask: Some(ask), step }
    }
}

impl<R: Resource + 'static> Future for Authorizing<R> {
    type Output = Result<Permit<R>, AccessError>;

    /// # Panics
    /// When polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(ask) = this.ask.take() else { panic!("`Authorizing` polled after it was ready") };
        loop {
            match mem::replace(&mut this.step, Step::Over) {
                Step::Deciding(mut verdict) => {
                    let polled = catch_unwind(AssertUnwindSafe(|| verdict.as_mut().poll(cx)));
                    match polled.unwrap_or_else(|_| Poll::Ready(panicked())) {
                        Poll::Ready(verdict) => this.step = ask.decided(verdict),
                        Poll::Pending => {
                            this.step = Step::Deciding(verdict);
                            break;
                        }
                    }
                }
                Step::Recording(mut recording, ruling) => match Pin::new(&mut recording).poll(cx) {
                    Poll::Ready(Ok(())) => this.step = Step::Done(ruling),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                    Poll::Pending => {
                        this.step = Step::Recording(recording, ruling);
                        break;
                    }
                },
                Step::Done(ruling) => {
                    return Poll::Ready(ruling.map(|outcome| Permit::given(ask, outcome)));
                }
                Step::Over => break,
            }
        }
        this.ask = Some(ask);
        Poll::Pending
    }
}

impl<R> fmt::Debug for Authorizing<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorizing").finish_non_exhaustive()
    }
}
