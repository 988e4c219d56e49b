//! A decision that is waited for.

use super::AccessError;
use super::Outcome;
use super::Permit;
use super::Resource;
use super::about::About;
use super::ask::Ask;
use super::step::Step;
use std::fmt;
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
    asked: Option<(Ask, R)>,
    /// `None` if it was allowed at once.
    step: Option<Step>,
}

/// Nothing in it is pinned: the policy's future is boxed.
impl<R> Unpin for Authorizing<R> {}

impl<R: Resource + Clone + 'static> Authorizing<R> {
    /// In line, so that nothing of it is made elsewhere and moved.
    #[inline(always)]
    pub(super) fn begin(ask: Ask, resource: &R) -> Self {
        let step = ask.begin(&About::of(resource));
        Self { asked: Some((ask, resource.clone())), step }
    }
}

impl<R: Resource + 'static> Future for Authorizing<R> {
    type Output = Result<Permit<R>, AccessError>;

    /// # Panics
    /// When polled again after it was ready.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.step.is_none()
            && let Some((ask, resource)) = this.asked.take()
        {
            return Poll::Ready(Ok(Permit::given(ask, resource, Outcome::Allowed)));
        }
        this.poll_step(cx)
    }
}

impl<R: Resource + 'static> Authorizing<R> {
    #[inline(never)]
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<Permit<R>, AccessError>> {
        let (Some((ask, resource)), Some(step)) = (self.asked.take(), &mut self.step) else {
            panic!("`Authorizing` polled after it was ready")
        };
        let decided = |verdict| ask.decided(verdict, ask.context.get(), &About::of(&resource));
        match step.poll(decided, cx) {
            Poll::Ready(ruling) => {
                Poll::Ready(ruling.map(|outcome| Permit::given(ask, resource, outcome)))
            }
            Poll::Pending => {
                self.asked = Some((ask, resource));
                Poll::Pending
            }
        }
    }
}

impl<R> fmt::Debug for Authorizing<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorizing").finish_non_exhaustive()
    }
}
