//! How far the answer to what is asked is.

use super::AccessError;
use super::Outcome;
use super::deciding::Deciding;
use super::policy::Verdict;
use super::trail::Recording;
use std::mem;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

/// What came of it.
pub(super) type Ruling = Result<Outcome, AccessError>;

/// How far the answer is.
pub(super) enum Step {
    Deciding(Deciding),
    Recording(Recording, Ruling),
    Done(Ruling),
    Over,
}

impl Step {
    /// Goes on until there is a ruling; `decided` takes the policy's later answer.
    ///
    /// # Panics
    /// When polled again after it was ready.
    pub(super) fn poll(
        &mut self,
        decided: impl Fn(Verdict) -> Self,
        cx: &mut Context<'_>,
    ) -> Poll<Ruling> {
        loop {
            match mem::replace(self, Self::Over) {
                Self::Deciding(mut deciding) => match Pin::new(&mut deciding).poll(cx) {
                    Poll::Ready(verdict) => *self = decided(verdict),
                    Poll::Pending => {
                        *self = Self::Deciding(deciding);
                        return Poll::Pending;
                    }
                },
                Self::Recording(mut recording, ruling) => match Pin::new(&mut recording).poll(cx) {
                    Poll::Ready(recorded) => {
                        return Poll::Ready(recorded.map_err(AccessError::from).and(ruling));
                    }
                    Poll::Pending => {
                        *self = Self::Recording(recording, ruling);
                        return Poll::Pending;
                    }
                },
                Self::Done(ruling) => return Poll::Ready(ruling),
                Self::Over => panic!("`Authorizing` polled after it was ready"),
            }
        }
    }
}
