//! A stream that goes on as long as its permit holds.

use super::AccessError;
use super::Permit;
use super::Rechecking;
use super::Resource;
use super::sleeper::Sleeper;
use futures_core::FusedStream;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;
use tokio::time::Instant;

pin_project! {
    /// A stream that goes on as long as its permit holds, then gives one [`AccessError`] and ends;
    /// from [`Permit::guard`].
    ///
    /// Before each item is given out, and before the inner stream is asked for one, the permit is
    /// [checked](Permit::check) in the current context: poll it there, by
    /// [`in_current_context`](crate::ContextStreamExt::in_current_context) around it. The policy is
    /// asked anew as often as [`recheck_after`](Self::recheck_after) and
    /// [`recheck_every`](Self::recheck_every) say, each time on record, and an item that is there
    /// waits for the answer.
    ///
    /// While it waits it is woken when the session ends, be there an item or not. All else, such as
    /// that the session expires, is noticed with the next item or wake-up: nothing is given out.
    #[must_use = "streams do nothing unless polled"]
    pub struct PermittedStream<S: Stream, R> {
        // Gone with the permit.
        #[pin]
        inner: Option<S>,
        permit: Permit<R>,
        interval: Option<Duration>,
        decided: Instant,
        items: Option<u64>,
        items_since: u64,
        // What waits for the policy's answer.
        held: Option<(S::Item, Rechecking<R>)>,
        // From the first time that there was nothing to give.
        sleeper: Option<Arc<Sleeper>>,
    }
}

impl<S: Stream, R> PermittedStream<S, R> {
    pub(super) fn new(inner: S, permit: Permit<R>) -> Self {
        Self {
            inner: Some(inner),
            permit,
            interval: None,
            decided: Instant::now(),
            items: None,
            items_since: 0,
            held: None,
            sleeper: None,
        }
    }

    /// Asks the policy anew for the first item that comes so long, or longer, after its last answer.
    pub fn recheck_after(self, interval: Duration) -> Self {
        Self { interval: Some(interval), ..self }
    }

    /// Asks the policy anew after each so many items; with 1, or 0, for every item.
    pub fn recheck_every(self, items: u64) -> Self {
        Self { items: Some(items.max(1)), ..self }
    }

    /// The permit.
    pub fn permit(&self) -> &Permit<R> {
        &self.permit
    }

    /// The inner stream, until the end.
    #[must_use]
    pub fn get_ref(&self) -> Option<&S> {
        self.inner.as_ref()
    }

    /// Whether the next item needs another answer of the policy's.
    fn is_due(self: Pin<&mut Self>) -> bool {
        self.items.is_some_and(|items| self.items_since >= items)
            || self.interval.is_some_and(|interval| self.decided.elapsed() >= interval)
    }
}

impl<S: Stream, R: Resource + Clone + 'static> PermittedStream<S, R> {
    fn poll_permitted(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<S::Item, AccessError>>> {
        let mut this = self.as_mut().project();
        if let Some((_, recheck)) = this.held {
            ready!(Pin::new(recheck).poll(cx))?;
            (*this.decided, *this.items_since) = (Instant::now(), 0);
        }
        this.permit.check_at(this.permit.source())?;
        let item = match this.held.take() {
            Some((item, _)) => item,
            None => {
                let Some(inner) = this.inner.as_mut().as_pin_mut() else {
                    return Poll::Ready(None);
                };
                let Some(item) = ready!(inner.poll_next(cx)) else {
                    this.inner.set(None);
                    return Poll::Ready(None);
                };
                // The inner stream may have ended the session.
                this.permit.check_at(this.permit.source())?;
                if self.as_mut().is_due() {
                    let this = self.as_mut().project();
                    let recheck = this.permit.recheck_at(this.permit.source());
                    *this.held = Some((item, recheck));
                    return self.poll_permitted(cx);
                }
                item
            }
        };
        *self.project().items_since += 1;
        Poll::Ready(Some(Ok(item)))
    }
}

impl<S: Stream, R: Resource + Clone + 'static> PermittedStream<S, R> {
    /// Has the end of the session wake it. Nothing that it waits for may ever come.
    fn poll_sleep(
        self: Pin<&mut Self>,
        cx: &Context<'_>,
    ) -> Poll<Option<Result<S::Item, AccessError>>> {
        let this = self.project();
        if this.sleeper.is_none() {
            *this.sleeper = this.permit.sleeper();
        }
        if let Some(sleeper) = this.sleeper {
            sleeper.sleeps(cx.waker());
            this.permit.check_at(this.permit.source())?;
        }
        Poll::Pending
    }
}

impl<S: Stream, R: Resource + Clone + 'static> Stream for PermittedStream<S, R> {
    type Item = Result<S::Item, AccessError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.inner.is_none() && self.held.is_none() {
            return Poll::Ready(None);
        }
        let mut polled = self.as_mut().poll_permitted(cx);
        if polled.is_pending() {
            polled = self.as_mut().poll_sleep(cx);
        }
        if let Poll::Ready(Some(Err(_))) = &polled {
            let mut this = self.project();
            this.inner.set(None);
            *this.held = None;
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let Some(inner) = &self.inner else { return (0, Some(0)) };
        // An error may take the place of items, or of the end.
        let held = usize::from(self.held.is_some());
        (0, inner.size_hint().1.and_then(|most| most.checked_add(1 + held)))
    }
}

impl<S: Stream, R: Resource + Clone + 'static> FusedStream for PermittedStream<S, R> {
    fn is_terminated(&self) -> bool {
        self.inner.is_none() && self.held.is_none()
    }
}

impl<S: Stream, R> fmt::Debug for PermittedStream<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermittedStream").field("permit", &self.permit).finish_non_exhaustive()
    }
}
