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
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep_until;

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
    /// While it waits, be there an item or not, it is woken when the session ends or expires, and when
    /// the policy is to be asked by the clock. The clock is tokio's: outside its runtimes that is
    /// noticed with the next item or wake-up. So is, everywhere, that the request has ended.
    ///
    /// # Panics
    /// If it has to wait by the clock in a runtime without timers.
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
        held: Option<S::Item>,
        recheck: Option<Rechecking<R>>,
        // From the first time that there was nothing to give.
        sleeper: Option<Arc<Sleeper>>,
        // Apart, so that the stream can be moved if the inner one can.
        alarm: Option<Pin<Box<Sleep>>>,
    }
}

/// A timer of tokio's counts in milliseconds: with less it would be due again at once.
const SHORTEST: Duration = Duration::from_millis(1);

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
            recheck: None,
            sleeper: None,
            alarm: None,
        }
    }

    /// Asks the policy anew for the first item that comes so long, or longer, after its last answer, or
    /// after [`guard`](Permit::guard) was called; and, while none comes, each time that so long has
    /// passed, a millisecond at least.
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

    /// Whether the item that is there needs another answer of the policy's.
    fn is_due_for_item(&self) -> bool {
        self.items.is_some_and(|items| self.items_since >= items)
            || self.interval.is_some_and(|interval| self.decided.elapsed() >= interval)
    }

    /// When the policy is to be asked anew though there is no item.
    fn is_due_at(&self) -> Option<Instant> {
        self.decided.checked_add(self.interval?.max(SHORTEST))
    }

    fn is_over(&self) -> bool {
        self.inner.is_none() && self.held.is_none()
    }
}

impl<S: Stream, R: Resource + Clone + 'static> PermittedStream<S, R> {
    fn poll_permitted(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<S::Item, AccessError>>> {
        loop {
            let mut this = self.as_mut().project();
            if let Some(recheck) = this.recheck {
                ready!(Pin::new(recheck).poll(cx))?;
                *this.recheck = None;
                (*this.decided, *this.items_since) = (Instant::now(), 0);
                if let Some(item) = this.held.take() {
                    this.permit.check_at(this.permit.source())?;
                    *this.items_since = 1;
                    return Poll::Ready(Some(Ok(item)));
                }
            }
            this.permit.check_at(this.permit.source())?;
            let Some(inner) = this.inner.as_mut().as_pin_mut() else {
                return Poll::Ready(None);
            };
            match inner.poll_next(cx) {
                Poll::Ready(None) => {
                    this.inner.set(None);
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(item)) => {
                    // The inner stream may have ended the session.
                    this.permit.check_at(this.permit.source())?;
                    if !self.is_due_for_item() {
                        *self.project().items_since += 1;
                        return Poll::Ready(Some(Ok(item)));
                    }
                    *self.as_mut().project().held = Some(item);
                }
                Poll::Pending if self.is_due_at().is_none_or(|at| Instant::now() < at) => {
                    return Poll::Pending;
                }
                Poll::Pending => {}
            }
            let this = self.as_mut().project();
            *this.recheck = Some(this.permit.recheck_at(this.permit.source()));
        }
    }

    /// Has the end of the session wake it, and the clock. Nothing that it waits for may ever come.
    fn poll_sleep(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<S::Item, AccessError>>> {
        // An answer that is waited for is not asked for again.
        let due = if self.recheck.is_some() { None } else { self.is_due_at() };
        let this = self.as_mut().project();
        if this.sleeper.is_none() {
            *this.sleeper = this.permit.sleeper();
        }
        if let Some(sleeper) = this.sleeper {
            sleeper.sleeps(cx.waker());
            this.permit.check_at(this.permit.source())?;
        }
        let wakes = [due, this.permit.session_expires()].into_iter().flatten().min();
        self.as_mut().set_alarm(wakes);
        if let Some(alarm) = self.project().alarm
            && alarm.as_mut().poll(cx).is_ready()
        {
            // That time came meanwhile.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn set_alarm(self: Pin<&mut Self>, wakes: Option<Instant>) {
        let alarm = self.project().alarm;
        match (alarm.as_mut(), wakes) {
            (Some(set), Some(wakes)) if set.deadline() == wakes && !set.is_elapsed() => {}
            (Some(set), Some(wakes)) => set.as_mut().reset(wakes),
            (None, Some(wakes)) if Handle::try_current().is_ok() => {
                *alarm = Some(Box::pin(sleep_until(wakes)));
            }
            (_, None) => *alarm = None,
            (None, Some(_)) => {}
        }
    }
}

impl<S: Stream, R: Resource + Clone + 'static> Stream for PermittedStream<S, R> {
    type Item = Result<S::Item, AccessError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over() {
            return Poll::Ready(None);
        }
        let mut polled = self.as_mut().poll_permitted(cx);
        if polled.is_pending() {
            polled = self.as_mut().poll_sleep(cx);
        }
        if let Poll::Ready(Some(Err(_))) = &polled {
            let mut this = self.project();
            this.inner.set(None);
            (*this.held, *this.recheck, *this.alarm) = (None, None, None);
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
        self.is_over()
    }
}

impl<S: Stream, R> fmt::Debug for PermittedStream<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermittedStream").field("permit", &self.permit).finish_non_exhaustive()
    }
}
