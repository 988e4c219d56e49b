//! The functions that start work: spawn, spawn_blocking, spawn_local, spawn_with, and their twins.

use crate::support::current_thread;
use crate::support::in_request;
use crate::support::in_sync_request;
use crate::support::on_each_runtime;
use crate::support::plain_spawn;
use crate::support::seen;
use request_context::NoContext;
use std::rc::Rc;
use tokio::task::JoinSet;
use tokio::task::LocalSet;

#[test]
fn a_spawned_task_runs_for_the_same_request_in_the_same_span() {
    on_each_runtime(|| {
        in_request(async |here| {
            let task = request_context::spawn(async { seen() });
            assert_eq!(task.await.unwrap(), Ok(here.clone()));

            let task = request_context::try_spawn(async { seen() }).unwrap();
            assert_eq!(task.await.unwrap(), Ok(here));
        })
    });
}

#[test]
fn a_task_that_was_not_carried_sees_nothing_of_the_request() {
    on_each_runtime(|| {
        in_request(async |_| {
            assert!(matches!(plain_spawn(async { seen() }).await, Ok(Err(NoContext { .. }))));
        })
    });
}

#[test]
fn the_context_stays_with_a_task_after_it_has_waited() {
    on_each_runtime(|| {
        in_request(async |here| {
            let (wake, woken) = tokio::sync::oneshot::channel();
            let task = request_context::spawn(async {
                let before = seen();
                woken.await.unwrap();
                (before, seen())
            });
            // Another task runs and ends on the workers in between.
            plain_spawn(async { seen().unwrap_err() }).await.unwrap();
            wake.send(()).unwrap();
            assert_eq!(task.await.unwrap(), (Ok(here.clone()), Ok(here)));
        })
    });
}

#[test]
fn a_blocking_call_runs_for_the_same_request_in_the_same_span() {
    on_each_runtime(|| {
        in_request(async |here| {
            let task = request_context::spawn_blocking(seen);
            assert_eq!(task.await.unwrap(), Ok(here.clone()));

            let task = request_context::try_spawn_blocking(seen).unwrap();
            assert_eq!(task.await.unwrap(), Ok(here));
        })
    });
}

#[test]
fn a_local_task_runs_for_the_same_request_in_the_same_span() {
    let test = in_request(async |here| {
        let not_send = Rc::new(());
        let task = request_context::spawn_local(async move {
            drop(not_send);
            seen()
        });
        assert_eq!(task.await.unwrap(), Ok(here.clone()));

        let task = request_context::try_spawn_local(async { seen() }).unwrap();
        assert_eq!(task.await.unwrap(), Ok(here));
    });
    LocalSet::new().block_on(&current_thread(), test);
}

#[test]
fn a_local_task_on_a_thread_of_any_runtime_runs_for_the_same_request() {
    on_each_runtime(async || {
        let test = in_request(async |here| {
            let task = request_context::spawn_local(async { seen() });
            assert_eq!(task.await.unwrap(), Ok(here));
        });
        LocalSet::new().run_until(test).await;
    });
}

#[test]
fn spawn_with_carries_into_smol() {
    in_sync_request(|here| {
        let task = request_context::spawn_with(async { seen() }, smol::spawn);
        assert_eq!(smol::block_on(task), Ok(here.clone()));

        let task = request_context::try_spawn_with(async { seen() }, smol::spawn);
        assert_eq!(smol::block_on(task.unwrap()), Ok(here));
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is given what is carried")]
fn spawn_with_carries_into_a_join_set() {
    on_each_runtime(|| {
        in_request(async |here| {
            let mut set = JoinSet::new();
            request_context::spawn_with(async { seen() }, |future| set.spawn(future));
            assert_eq!(set.join_next().await.unwrap().unwrap(), Ok(here));
        })
    });
}

#[test]
fn spawn_with_hands_back_what_the_spawner_returns() {
    in_sync_request(|_| {
        assert_eq!(request_context::spawn_with(async {}, |_| "its answer"), "its answer");
    });
}
