//! A carried future runs in the context of the call that carried it, whatever it is polled in.

#![expect(
    clippy::disallowed_methods,
    reason = "the test says what a context does in plain tasks and threads"
)]

use crate::support::Log;
use crate::support::Probe;
use crate::support::context;
use crate::support::finish;
use crate::support::here;
use crate::support::panics_as_planted;
use crate::support::start;
use request_context::ContextExt;
use request_context::NoContext;
use request_context::RequestContext;
use std::thread;
use tokio::runtime::Builder;
use tokio_test::assert_pending;
use tokio_test::assert_ready;
use tokio_test::task;

#[test]
fn it_is_polled_and_dropped_in_the_captured_context() {
    let log = Log::default();
    let carried = context("a").sync_scope(|| Probe::new(&log).pending(1).in_current_context());
    let mut task = task::spawn(carried);
    assert_pending!(task.poll());
    assert_eq!(here(), "nowhere");
    assert_ready!(task.poll());
    assert_eq!(log.take(), ["poll in a", "poll in a", "drop in a"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn it_captures_at_the_call_and_not_at_the_first_poll() {
    let log = Log::default();
    let carried = context("a").sync_scope(|| Probe::new(&log).in_current_context());
    context("b").sync_scope(|| {
        finish(carried);
        assert_eq!(here(), "b");
    });
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
}

#[test]
fn the_body_of_an_async_fn_runs_in_the_context_it_was_carried_from() {
    async fn body() -> String {
        here()
    }
    let carried = context("a").sync_scope(|| body().in_current_context());
    assert_eq!(finish(context("b").scope(carried)), "a");
}

#[test]
fn never_polled_or_cancelled_it_is_dropped_in_the_captured_context() {
    let log = Log::default();
    let carry = || context("a").sync_scope(|| Probe::new(&log).forever().in_current_context());
    drop(carry());
    assert_eq!(log.take(), ["drop in a"]);
    let mut task = task::spawn(carry());
    context("b").sync_scope(|| {
        assert_pending!(task.poll());
        drop(task);
        assert_eq!(here(), "b");
    });
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_panic_while_polled_or_dropped_restores() {
    let log = Log::default();
    context("b").sync_scope(|| {
        let probe = Probe::new(&log).panicking_when_polled();
        let mut task = task::spawn(context("a").sync_scope(|| probe.in_current_context()));
        panics_as_planted(|| task.poll());
        assert_eq!(here(), "b");
        drop(task);
        let probe = Probe::new(&log).panicking_when_dropped();
        let carried = context("a").sync_scope(|| probe.in_current_context());
        panics_as_planted(|| drop(carried));
        assert_eq!(here(), "b");
    });
    assert_eq!(log.take(), ["poll in a", "drop in a", "drop in a"]);
}

#[test]
fn carried_twice_the_first_capture_stays() {
    let log = Log::default();
    let probe = Probe::new(&log);
    let once = context("a").sync_scope(|| probe.in_current_context());
    let twice = context("b").sync_scope(|| once.in_current_context());
    finish(context("c").scope(twice));
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
}

#[test]
fn carried_three_levels_deep_each_level_has_the_context() {
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(context("a").scope(async {
        let first = async {
            let second = async {
                let third = async { here() };
                (here(), start(third.in_current_context()).await.unwrap())
            };
            (here(), start(second.in_current_context()).await.unwrap())
        };
        let (first, (second, third)) = start(first.in_current_context()).await.unwrap();
        assert_eq!([first, second, third], ["a", "a", "a"]);
    }));
}

#[test]
fn a_chain_that_is_broken_once_stays_broken() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(context("a").scope(async {
        let forgotten = async { start(async { (here(), try_carried().is_err()) }).await.unwrap() };
        let seen = start(forgotten.in_current_context()).await.unwrap();
        assert_eq!(seen, ("nowhere".into(), true));
    }));
}

fn try_carried() -> Result<impl Future, NoContext> {
    std::future::ready(()).try_in_current_context()
}

#[test]
fn try_in_current_context_carries_inside_and_drops_the_future_outside() {
    let log = Log::default();
    let inside = context("a").sync_scope(|| Probe::new(&log).try_in_current_context());
    finish(inside.unwrap());
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
    assert!(Probe::new(&log).try_in_current_context().is_err());
    assert_eq!(log.take(), ["drop in nowhere"]);
}

#[test]
fn carried_to_a_thread_it_keeps_its_context_there() {
    let carried = context("a").sync_scope(|| async { here() }.in_current_context());
    assert_eq!(thread::spawn(|| finish(carried)).join().unwrap(), "a");
}

#[test]
fn a_batch_of_messages_keeps_the_context_of_each_sender() {
    let mut batch = Vec::new();
    for name in ["a", "b", "c"] {
        context(name).sync_scope(|| batch.push(RequestContext::current()));
    }
    context("consumer").sync_scope(|| {
        let seen: Vec<_> = batch.into_iter().map(|sender| sender.sync_scope(here)).collect();
        assert_eq!(seen, ["a", "b", "c"]);
        assert_eq!(here(), "consumer");
    });
}
