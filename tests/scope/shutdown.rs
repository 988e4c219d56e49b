//! Tasks that panic, are aborted, or go down with their runtime are dropped in their context.

#![expect(
    clippy::disallowed_methods,
    reason = "the test says what a context does in plain tasks and threads"
)]

use crate::support::Log;
use crate::support::OnDrop;
use crate::support::Probe;
use crate::support::context;
use crate::support::here;
use crate::support::start;
use std::sync::mpsc;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::task::LocalSet;
use tokio::task::yield_now;

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn workers(count: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(count).build().unwrap()
}

#[test]
fn a_worker_that_ran_a_panicking_request_is_clean_for_the_next_task() {
    let log = Log::default();
    workers(1).block_on(async {
        let request = context("a").scope(Probe::new(&log).panicking_when_polled());
        assert!(start(request).await.unwrap_err().is_panic());
        assert_eq!(start(async { here() }).await.unwrap(), "nowhere");
        assert_eq!(start(context("b").scope(async { here() })).await.unwrap(), "b");
    });
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
}

#[test]
fn a_worker_that_dropped_a_panicking_value_is_clean_for_the_next_task() {
    let log = Log::default();
    workers(1).block_on(async {
        let request = context("a").scope(Probe::new(&log).panicking_when_dropped());
        assert!(start(request).await.unwrap_err().is_panic());
        assert_eq!(start(async { here() }).await.unwrap(), "nowhere");
    });
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
}

#[test]
fn a_task_that_was_not_given_the_context_has_none() {
    workers(1).block_on(context("a").scope(async {
        assert_eq!(start(async { here() }).await.unwrap(), "nowhere");
        assert_eq!(here(), "a");
    }));
}

#[test]
fn a_context_stays_with_its_task_from_worker_to_worker() {
    workers(4).block_on(async {
        let mut tasks = JoinSet::new();
        for number in 0..32 {
            let name = format!("request-{number}");
            tasks.spawn(context(&name).scope(async move {
                for _ in 0..200 {
                    assert_eq!(here(), name);
                    yield_now().await;
                }
            }));
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    });
}

#[test]
fn an_aborted_task_is_dropped_in_its_context() {
    let log = Log::default();
    current_thread().block_on(async {
        let request = start(context("a").scope(Probe::new(&log).forever()));
        yield_now().await;
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
        assert_eq!(here(), "nowhere");
    });
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
}

#[test]
fn a_task_aborted_before_its_first_poll_is_dropped_in_its_context() {
    let log = Log::default();
    current_thread().block_on(async {
        let request = start(context("a").scope(Probe::new(&log)));
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
    });
    assert_eq!(log.take(), ["drop in a"]);
}

#[test]
fn a_dropped_join_set_drops_its_tasks_in_their_contexts() {
    let log = Log::default();
    current_thread().block_on(async {
        let mut set = JoinSet::new();
        set.spawn(context("a").scope(Probe::new(&log).forever()));
        set.spawn(context("b").scope(Probe::new(&log).forever()));
        yield_now().await;
        assert_eq!(log.take(), ["poll in a", "poll in b"]);
        context("outer").sync_scope(|| drop(set));
        let mut dropped = Vec::new();
        while dropped.len() < 2 {
            yield_now().await;
            dropped.extend(log.take().into_iter().filter(|line| line.starts_with("drop")));
        }
        dropped.sort();
        assert_eq!(dropped, ["drop in a", "drop in b"]);
        assert_eq!(here(), "nowhere");
    });
}

#[test]
fn a_runtime_that_shuts_down_drops_its_tasks_in_their_contexts() {
    let log = Log::default();
    let runtime = current_thread();
    runtime.block_on(async {
        drop(start(context("a").scope(Probe::new(&log).forever())));
        yield_now().await;
        drop(start(context("b").scope(Probe::new(&log))));
    });
    context("outer").sync_scope(|| drop(runtime));
    let mut log = log.take();
    log.sort();
    assert_eq!(log, ["drop in a", "drop in b", "poll in a"]);
}

#[test]
fn a_multi_thread_runtime_that_shuts_down_drops_its_tasks_in_their_contexts() {
    let log = Log::default();
    let runtime = workers(2);
    let (polled, was_polled) = mpsc::channel();
    for name in ["a", "b"] {
        let (held, polled) = (OnDrop(log.clone()), polled.clone());
        drop(runtime.spawn(context(name).scope(async move {
            let _held = held;
            polled.send(()).unwrap();
            std::future::pending::<()>().await;
        })));
    }
    was_polled.recv().unwrap();
    was_polled.recv().unwrap();
    drop(runtime);
    let mut log = log.take();
    log.sort();
    assert_eq!(log, ["drop in a", "drop in b"]);
}

#[test]
fn a_dropped_local_set_drops_its_tasks_in_their_contexts() {
    let log = Log::default();
    let set = LocalSet::new();
    set.spawn_local(context("a").scope(Probe::new(&log)));
    context("outer").sync_scope(|| drop(set));
    assert_eq!(log.take(), ["drop in a"]);
    assert_eq!(here(), "nowhere");
}
