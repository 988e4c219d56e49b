//! The extension methods on tokio's own spawners: JoinSet, Handle, LocalSet, and their twins.

use crate::support::Seen;
use crate::support::current_thread;
use crate::support::in_request;
use crate::support::multi_thread;
use crate::support::on_each_runtime;
use crate::support::seen;
use request_context::HandleExt;
use request_context::JoinSetExt;
use request_context::LocalSetExt;
use request_context::NoContext;
use std::rc::Rc;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::task::LocalSet;

type Tasks = JoinSet<Result<Seen, NoContext>>;

async fn expect_all(mut tasks: Tasks, count: usize, here: &Seen) {
    assert_eq!(tasks.len(), count);
    while let Some(task) = tasks.join_next().await {
        assert_eq!(task.unwrap().as_ref(), Ok(here));
    }
}

#[test]
fn tasks_of_a_join_set_run_for_the_same_request_in_the_same_span() {
    on_each_runtime(|| {
        in_request(async |here| {
            let mut tasks = Tasks::new();
            tasks.spawn_in_context(async { seen() });
            tasks.try_spawn_in_context(async { seen() }).unwrap();
            expect_all(tasks, 2, &here).await;
        })
    });
}

#[test]
fn blocking_calls_of_a_join_set_run_for_the_same_request_in_the_same_span() {
    on_each_runtime(|| {
        in_request(async |here| {
            let mut tasks = Tasks::new();
            tasks.spawn_blocking_in_context(seen);
            tasks.try_spawn_blocking_in_context(seen).unwrap();
            expect_all(tasks, 2, &here).await;
        })
    });
}

#[test]
fn local_tasks_of_a_join_set_run_for_the_same_request_in_the_same_span() {
    let test = in_request(async |here| {
        let not_send = Rc::new(());
        let mut tasks = Tasks::new();
        tasks.spawn_local_in_context(async move {
            drop(not_send);
            seen()
        });
        tasks.try_spawn_local_in_context(async { seen() }).unwrap();
        expect_all(tasks, 2, &here).await;
    });
    LocalSet::new().block_on(&current_thread(), test);
}

#[test]
fn a_join_set_may_hold_tasks_of_all_three_kinds() {
    let test = in_request(async |here| {
        let mut tasks = Tasks::new();
        tasks.spawn_in_context(async { seen() });
        tasks.spawn_blocking_in_context(seen);
        tasks.spawn_local_in_context(async { seen() });
        expect_all(tasks, 3, &here).await;
    });
    LocalSet::new().block_on(&current_thread(), test);
}

#[test]
fn a_task_of_a_join_set_is_aborted_by_its_handle() {
    on_each_runtime(|| {
        in_request(async |_| {
            let mut tasks = JoinSet::new();
            let abort = tasks.spawn_in_context(std::future::pending::<()>());
            abort.abort();
            assert!(tasks.join_next().await.unwrap().unwrap_err().is_cancelled());
        })
    });
}

#[test]
fn work_on_a_handle_runs_for_the_same_request_in_the_same_span() {
    on_each_runtime(|| {
        in_request(async |here| {
            let handle = Handle::current();
            let task = handle.spawn_in_context(async { seen() });
            assert_eq!(task.await.unwrap(), Ok(here.clone()));
            let task = handle.try_spawn_in_context(async { seen() }).unwrap();
            assert_eq!(task.await.unwrap(), Ok(here.clone()));

            let task = handle.spawn_blocking_in_context(seen);
            assert_eq!(task.await.unwrap(), Ok(here.clone()));
            let task = handle.try_spawn_blocking_in_context(seen).unwrap();
            assert_eq!(task.await.unwrap(), Ok(here));
        })
    });
}

#[test]
fn work_on_the_handle_of_another_runtime_runs_for_the_same_request() {
    let other = multi_thread(1);
    let test = in_request(async |here| {
        let task = other.handle().spawn_in_context(async { seen() });
        assert_eq!(task.await.unwrap(), Ok(here.clone()));
        let task = other.handle().spawn_blocking_in_context(seen);
        assert_eq!(task.await.unwrap(), Ok(here));
    });
    current_thread().block_on(test);
}

#[test]
fn tasks_of_a_local_set_run_for_the_same_request_in_the_same_span() {
    let local = LocalSet::new();
    let not_send = Rc::new(());
    let (here, tasks) = current_thread().block_on(in_request(async |here| {
        let task = local.spawn_local_in_context(async move {
            drop(not_send);
            seen()
        });
        let twin = local.try_spawn_local_in_context(async { seen() });
        (here, [task, twin.unwrap()])
    }));
    // Driven outside the request, so that what the tasks see is what they carried.
    for task in tasks {
        let saw = local.block_on(&current_thread(), task).unwrap();
        assert_eq!(saw.as_ref(), Ok(&here));
    }
}
