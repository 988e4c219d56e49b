//! What the tests share: named contexts, a log of what ran where, and values that write it.

#![expect(clippy::disallowed_methods, reason = "what is started without a context must have none")]

use request_context::ContextValue;
use request_context::RequestContext;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// A context that `here` knows by this name.
pub(crate) fn context(name: &str) -> RequestContext {
    RequestContext::builder().request_id(name.parse().unwrap()).build()
}

/// The name of the current context, or "nowhere".
pub(crate) fn here() -> String {
    RequestContext::try_current()
        .map_or_else(|_| "nowhere".into(), |context| context.request_id().to_string())
}

/// What happened, and in which context, in order: "poll in a", "drop in a".
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn note(&self, what: &str) {
        let line = format!("{what} in {}", here());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// What was written since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes "drop" when it is dropped. As a context value, it writes when the last context goes.
#[derive(Debug)]
pub(crate) struct OnDrop(pub(crate) Log);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.note("drop");
    }
}

impl ContextValue for OnDrop {}

/// A future that writes each poll and its drop.
#[derive(Debug)]
pub(crate) struct Probe {
    log: Log,
    pending: usize,
    panics_when_polled: bool,
    panics_when_dropped: bool,
}

impl Probe {
    /// Ready at the first poll.
    pub(crate) fn new(log: &Log) -> Self {
        let log = log.clone();
        Self { log, pending: 0, panics_when_polled: false, panics_when_dropped: false }
    }

    /// Pending `times` times first, waking at once.
    pub(crate) fn pending(mut self, times: usize) -> Self {
        self.pending = times;
        self
    }

    /// Pending at every poll, and never wakes.
    pub(crate) fn forever(self) -> Self {
        self.pending(usize::MAX)
    }

    pub(crate) fn panicking_when_polled(mut self) -> Self {
        self.panics_when_polled = true;
        self
    }

    pub(crate) fn panicking_when_dropped(mut self) -> Self {
        self.panics_when_dropped = true;
        self
    }
}

impl Future for Probe {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.log.note("poll");
        if self.panics_when_polled {
            planted_panic();
        }
        if self.pending == usize::MAX {
            return Poll::Pending;
        }
        if self.pending > 0 {
            self.pending -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.log.note("drop");
        if self.panics_when_dropped {
            planted_panic();
        }
    }
}

struct Planted;

/// Unwinds without a word from the panic hook.
pub(crate) fn planted_panic() -> ! {
    resume_unwind(Box::new(Planted))
}

/// Runs `f`, which must end in a planted panic.
pub(crate) fn panics_as_planted<R>(f: impl FnOnce() -> R) {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("the planted panic did not come through"),
        Err(payload) if payload.is::<Planted>() => {}
        Err(payload) => resume_unwind(payload),
    }
}

/// Polls once with a waker that does nothing.
pub(crate) fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls until it is ready, on this thread, with nothing in between.
pub(crate) fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = poll_once(future.as_mut()) {
            return output;
        }
    }
}

/// Is pending once, and wakes at once: any executor polls others in between.
pub(crate) async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Stays in `name` over several yields.
pub(crate) async fn stays_in(name: &str) {
    for _ in 0..20 {
        assert_eq!(here(), name);
        yield_once().await;
    }
    assert_eq!(here(), name);
}

/// Starts a task that is given no context but what the future brings along.
pub(crate) fn start<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Handle::current().spawn(future)
}
