//! `Perturbed`: a future that is stopped at some of its tokio operations.

use crate::testing::schedule::Budget;
use crate::testing::schedule::Rng;
use pin_project_lite::pin_project;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::Context;
use std::task::Poll;
use std::thread;
use tokio::runtime;

pin_project! {
    /// A future that, in half of its polls, is stopped after at most three tokio operations, as if they
    /// were not ready, so that other tasks get in between.
    ///
    /// ```
    /// use request_context::testing::staging::Perturbed;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let lock = tokio::sync::RwLock::new(1);
    /// assert_eq!(Perturbed::new(async { *lock.read().await }, 7).await, 1);
    /// # }
    /// ```
    #[derive(Clone, Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Perturbed<F> {
        #[pin]
        future: F,
        rng: Rng,
    }
}

impl<F> Perturbed<F> {
    /// Perturbs `future`. Which polls are stopped follows from the seed; what comes of it, from the
    /// machine.
    pub fn new(future: F, seed: u64) -> Self {
        Self { future, rng: Rng::new(seed) }
    }
}

impl<F: Future> Future for Perturbed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        // Not in every poll: if the task does more than three operations before this one, it is
        // stopped at once, and would never come further.
        if this.rng.next_u64() & 1 == 0 {
            let leave = this.rng.below(4) as u32;
            if let Some(budget) = *BUDGET {
                budget.burn_to(leave, cx);
            }
        }
        this.future.poll(cx)
    }
}

/// Tokio's budget, as a task of its own has it; none if that could not be found out.
#[expect(clippy::disallowed_methods, reason = "the kit is no work of a request")]
static BUDGET: LazyLock<Option<Budget>> = LazyLock::new(|| thread::spawn(probe).join().ok()?);

fn probe() -> Option<Budget> {
    let runtime = runtime::Builder::new_current_thread().build().ok()?;
    Some(runtime.block_on(poll_fn(|cx| Poll::Ready(Budget::probe(cx)))))
}
