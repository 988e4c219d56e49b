//! What the detector of plain spawns has to know: did this poll of a task enter a scope, or is the
//! task outside every scope on purpose? Noted per thread, for one poll; nothing at all without
//! `--cfg tokio_unstable`.

#[cfg(not(tokio_unstable))]
pub(crate) use disabled::*;
#[cfg(tokio_unstable)]
pub(crate) use enabled::*;

#[cfg(tokio_unstable)]
mod enabled {
    use pin_project_lite::pin_project;
    use std::cell::Cell;
    use std::pin::Pin;
    use std::task::Context;
    use std::task::Poll;

    thread_local! {
        /// One bit for each poll under way, the innermost lowest: a blocking call inside a task may
        /// drive another runtime.
        static NOTED: Cell<u64> = const { Cell::new(0) };
    }

    pub(crate) fn note() {
        NOTED.set(NOTED.get() | 1);
    }

    #[cfg(feature = "spawn")]
    pub(crate) fn begin_poll() {
        NOTED.set(NOTED.get() << 1);
    }

    /// Whether anything was noted in the poll that ends.
    #[cfg(feature = "spawn")]
    pub(crate) fn end_poll() -> bool {
        let noted = NOTED.get();
        NOTED.set(noted >> 1);
        noted & 1 == 1
    }

    pin_project! {
        /// Notes its drop too, since a task that is aborted before its first poll is only dropped.
        #[derive(Debug)]
        pub(crate) struct Accounted<F> {
            #[pin]
            future: F,
        }

        impl<F> PinnedDrop for Accounted<F> {
            fn drop(_this: Pin<&mut Self>) {
                note();
            }
        }
    }

    pub(crate) fn account_for<F>(future: F) -> Accounted<F> {
        Accounted { future }
    }

    impl<F: Future> Future for Accounted<F> {
        type Output = F::Output;

        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
            note();
            self.project().future.poll(cx)
        }
    }
}

#[cfg(not(tokio_unstable))]
mod disabled {
    pub(crate) type Accounted<F> = F;

    #[inline(always)]
    pub(crate) fn note() {}

    #[inline(always)]
    pub(crate) fn account_for<F>(future: F) -> Accounted<F> {
        future
    }
}
