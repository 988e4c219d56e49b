//! A future is polled and dropped in its context, and the thread has afterwards what it had before.

#![expect(
    clippy::disallowed_methods,
    reason = "the test says what a context does in plain tasks and threads"
)]

use crate::support::Log;
use crate::support::OnDrop;
use crate::support::Probe;
use crate::support::context;
use crate::support::finish;
use crate::support::here;
use crate::support::panics_as_planted;
use crate::support::planted_panic;
use crate::support::poll_once;
use crate::support::yield_once;
use request_context::ContextExt;
use request_context::RequestContext;
use std::sync::mpsc;
use tokio_test::assert_pending;
use tokio_test::assert_ready;
use tokio_test::task;

#[test]
fn ready_at_once_is_polled_and_dropped_in_its_context_within_the_poll() {
    let log = Log::default();
    let mut task = task::spawn(context("a").scope(Probe::new(&log)));
    assert_ready!(task.poll());
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
    assert_eq!(here(), "nowhere");
    drop(task);
    assert_eq!(log.take(), [""; 0]);
}

#[test]
fn pending_leaves_the_thread_as_it_was_after_each_poll() {
    let log = Log::default();
    let mut task = task::spawn(context("a").scope(Probe::new(&log).pending(2)));
    for _ in 0..2 {
        assert_pending!(task.poll());
        assert_eq!(log.take(), ["poll in a"]);
        assert_eq!(here(), "nowhere");
    }
    assert_ready!(task.poll());
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn an_outer_context_is_back_after_each_poll_and_after_the_drop() {
    let log = Log::default();
    let mut task = task::spawn(context("inner").scope(Probe::new(&log).pending(1)));
    context("outer").sync_scope(|| {
        assert_pending!(task.poll());
        assert_eq!(here(), "outer");
        assert_ready!(task.poll());
        assert_eq!(here(), "outer");
        drop(task);
        assert_eq!(here(), "outer");
    });
    assert_eq!(log.take(), ["poll in inner", "poll in inner", "drop in inner"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_panic_while_polled_restores_and_the_drop_still_comes_in_the_context() {
    let log = Log::default();
    let mut task = task::spawn(context("a").scope(Probe::new(&log).panicking_when_polled()));
    panics_as_planted(|| task.poll());
    assert_eq!(here(), "nowhere");
    assert_eq!(log.take(), ["poll in a"]);
    drop(task);
    assert_eq!(log.take(), ["drop in a"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_panic_while_polled_restores_the_outer_context_too() {
    let log = Log::default();
    let mut task = task::spawn(context("inner").scope(Probe::new(&log).panicking_when_polled()));
    context("outer").sync_scope(|| {
        panics_as_planted(|| task.poll());
        assert_eq!(here(), "outer");
    });
    assert_eq!(here(), "nowhere");
}

#[test]
fn what_an_async_block_holds_is_dropped_in_its_context_while_a_panic_unwinds() {
    let log = Log::default();
    let held = OnDrop(log.clone());
    let mut task = task::spawn(context("a").scope(async move {
        let _held = held;
        yield_once().await;
        planted_panic()
    }));
    assert_pending!(task.poll());
    panics_as_planted(|| task.poll());
    assert_eq!(log.take(), ["drop in a"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_panic_in_the_drop_at_completion_restores() {
    let log = Log::default();
    let mut task = task::spawn(context("a").scope(Probe::new(&log).panicking_when_dropped()));
    panics_as_planted(|| task.poll());
    assert_eq!(here(), "nowhere");
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
    drop(task);
    assert_eq!(log.take(), [""; 0], "it was dropped already");
}

#[test]
fn a_panic_in_the_drop_of_a_cancelled_future_restores() {
    let log = Log::default();
    let probe = Probe::new(&log).forever().panicking_when_dropped();
    let mut task = task::spawn(context("inner").scope(probe));
    context("outer").sync_scope(|| {
        assert_pending!(task.poll());
        panics_as_planted(|| drop(task));
        assert_eq!(here(), "outer");
    });
    assert_eq!(here(), "nowhere");
    assert_eq!(log.take(), ["poll in inner", "drop in inner"]);
}

#[test]
fn cancelled_after_one_poll_it_is_dropped_in_its_context() {
    let log = Log::default();
    let mut task = task::spawn(context("a").scope(Probe::new(&log).forever()));
    assert_pending!(task.poll());
    drop(task);
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn never_polled_it_is_dropped_in_its_context() {
    let log = Log::default();
    drop(context("a").scope(Probe::new(&log)));
    assert_eq!(log.take(), ["drop in a"]);
    context("outer").sync_scope(|| {
        drop(Probe::new(&log).in_context(context("b")));
        assert_eq!(here(), "outer");
    });
    assert_eq!(log.take(), ["drop in b"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn sync_scope_restores_after_returning_and_after_a_panic() {
    let log = Log::default();
    context("outer").sync_scope(|| {
        assert_eq!(context("inner").sync_scope(here), "inner");
        assert_eq!(here(), "outer");
        panics_as_planted(|| {
            context("inner").sync_scope(|| {
                let _held = OnDrop(log.clone());
                planted_panic()
            })
        });
        assert_eq!(here(), "outer");
    });
    assert_eq!(log.take(), ["drop in inner"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn while_a_panic_unwinds_an_outer_scope_its_own_drops_see_the_outer_context() {
    let log = Log::default();
    panics_as_planted(|| {
        context("outer").sync_scope(|| {
            let _held = OnDrop(log.clone());
            context("inner").sync_scope(|| planted_panic())
        })
    });
    assert_eq!(log.take(), ["drop in outer"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_future_made_in_one_scope_runs_in_its_own_after_that_scope_is_gone() {
    let log = Log::default();
    let task = context("gone").sync_scope(|| context("a").scope(Probe::new(&log).pending(1)));
    finish(task);
    assert_eq!(log.take(), ["poll in a", "poll in a", "drop in a"]);
}

#[test]
fn in_context_and_scope_are_the_same() {
    let log = Log::default();
    finish(Probe::new(&log).pending(1).in_context(context("a")));
    assert_eq!(log.take(), ["poll in a", "poll in a", "drop in a"]);
}

#[test]
fn polling_after_completion_panics_and_restores() {
    let mut task = Box::pin(context("a").scope(async {}));
    assert!(poll_once(task.as_mut()).is_ready());
    let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        context("outer").sync_scope(|| poll_once(task.as_mut()))
    }));
    assert!(again.is_err());
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_scope_on_one_thread_is_none_on_another() {
    let (ask, questions) = mpsc::channel::<()>();
    let (answer, answers) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        for () in questions {
            answer.send(here()).unwrap();
        }
    });
    context("a").sync_scope(|| {
        ask.send(()).unwrap();
        assert_eq!(answers.recv().unwrap(), "nowhere");
        assert!(RequestContext::in_scope());
    });
    drop(ask);
    thread.join().unwrap();
}
