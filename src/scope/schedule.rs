//! The hidden hook of the test kit: what the crate starts joins the schedule of a run, if one is on.
//!
//! Without the feature `testing` there is nothing here; with it, and outside a run, a task is one
//! pointer larger and checks it once a poll.

#[cfg(not(feature = "testing"))]
pub(crate) use disabled::*;
#[cfg(feature = "testing")]
pub(crate) use enabled::*;

#[cfg(feature = "testing")]
mod enabled {
    use pin_project_lite::pin_project;
    use std::any::Any;
    use std::cell::RefCell;
    use std::future::poll_fn;
    use std::panic;
    use std::panic::AssertUnwindSafe;
    use std::pin::Pin;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::mpsc;
    use std::sync::mpsc::RecvTimeoutError;
    use std::sync::mpsc::TryRecvError;
    use std::task::Context;
    use std::task::Poll;
    use std::thread;
    use std::time::Duration;
    use tokio::task;

    /// A run of the kit.
    pub(crate) trait Schedule: Send + Sync {
        /// Makes place for a task that is started now.
        fn seat(&self) -> Arc<dyn Seat>;

        /// Says that a blocking call did not end in time, so that it goes on beside the schedule.
        fn lost_call(&self);

        /// How long a turn waits for a blocking call. One that needs more may need another task.
        fn patience(&self) -> Duration;
    }

    /// The place of one task in a schedule.
    pub(crate) trait Seat: Send + Sync {
        /// Whether it is this task's turn; if not, it will be woken when it is.
        fn begin(&self, cx: &mut Context<'_>) -> bool;

        /// Ends the turn.
        fn end(&self, cx: &mut Context<'_>, end: PollEnd<'_>);

        /// Says that the task is over, or was dropped.
        fn leave(&self);
    }

    /// What came of a poll.
    pub(crate) enum PollEnd<'a> {
        Ready,
        Pending,
        /// With this message.
        Panicked(&'a str),
    }

    thread_local! {
        static CURRENT: RefCell<Option<Arc<dyn Schedule>>> = const { RefCell::new(None) };
    }

    /// Has what is started on this thread join `schedule`, or none; returns the one before.
    pub(crate) fn set_schedule(schedule: Option<Arc<dyn Schedule>>) -> Option<Arc<dyn Schedule>> {
        CURRENT.with(|current| current.replace(schedule))
    }

    fn current() -> Option<Arc<dyn Schedule>> {
        CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
    }

    pin_project! {
        /// A task that waits for its turn before each poll, if there is a schedule.
        pub(crate) struct Scheduled<F> {
            #[pin]
            future: F,
            seat: Option<Arc<dyn Seat>>,
        }

        impl<F> PinnedDrop for Scheduled<F> {
            fn drop(this: Pin<&mut Self>) {
                if let Some(seat) = this.project().seat.take() {
                    seat.leave();
                }
            }
        }
    }

    pub(crate) fn scheduled<F>(future: F) -> Scheduled<F> {
        Scheduled { future, seat: current().map(|schedule| schedule.seat()) }
    }

    impl<F: Future> Future for Scheduled<F> {
        type Output = F::Output;

        #[inline]
        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
            let this = self.project();
            match this.seat {
                None => this.future.poll(cx),
                Some(seat) => poll_in(seat.as_ref(), this.future, cx),
            }
        }
    }

    fn poll_in<F: Future>(
        seat: &dyn Seat,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        if !seat.begin(cx) {
            return Poll::Pending;
        }
        let polled = panic::catch_unwind(AssertUnwindSafe(|| future.poll(cx)));
        match polled {
            Ok(polled) => {
                let end = if polled.is_ready() { PollEnd::Ready } else { PollEnd::Pending };
                seat.end(cx, end);
                polled
            }
            Err(payload) => {
                seat.end(cx, PollEnd::Panicked(message_of(payload.as_ref())));
                panic::resume_unwind(payload)
            }
        }
    }

    /// What a panic says, as far as it is text.
    pub(crate) fn message_of(payload: &(dyn Any + Send)) -> &str {
        let text = payload.downcast_ref::<&str>().copied();
        text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or_default()
    }

    /// The blocking call as a task of the schedule, to be started in its place; or the call again,
    /// if there is no schedule.
    pub(crate) fn scheduled_call<F, R>(f: F) -> Result<Scheduled<impl Future<Output = R>>, F>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        match current() {
            None => Err(f),
            Some(schedule) => Ok(scheduled(in_one_turn(f, schedule))),
        }
    }

    /// Runs `f` on the blocking pool, and keeps everything else waiting meanwhile: when it would end
    /// is nothing that a seed governs.
    #[expect(clippy::disallowed_methods, reason = "the call is carried already")]
    async fn in_one_turn<R>(
        f: impl FnOnce() -> R + Send + 'static,
        schedule: Arc<dyn Schedule>,
    ) -> R
    where
        R: Send + 'static,
    {
        let (ending, ended) = mpsc::channel::<()>();
        let mut call = pin!(task::spawn_blocking(move || {
            let _ending = ending;
            f()
        }));
        if ended.recv_timeout(schedule.patience()) == Err(RecvTimeoutError::Timeout) {
            schedule.lost_call();
        }
        let mut call = poll_fn(move |cx| {
            // Between the end of the closure and that of its task there are only some instructions.
            loop {
                match call.as_mut().poll(cx) {
                    Poll::Pending if ended.try_recv() == Err(TryRecvError::Disconnected) => {
                        thread::yield_now();
                    }
                    polled => return polled,
                }
            }
        });
        let mut call = pin!(task::unconstrained(&mut call));
        match call.as_mut().await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(payload) => panic::resume_unwind(payload),
                Err(_) => std::future::pending().await,
            },
        }
    }
}

#[cfg(not(feature = "testing"))]
mod disabled {
    use std::future::Pending;

    #[inline(always)]
    pub(crate) fn scheduled<F>(future: F) -> F {
        future
    }

    #[inline(always)]
    pub(crate) fn scheduled_call<F, R>(f: F) -> Result<Pending<R>, F>
    where
        F: FnOnce() -> R,
    {
        Err(f)
    }
}
