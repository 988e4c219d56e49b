//! Work that panics: it is reported as tokio reports it, and the thread is clean for the next.

use crate::support::current_thread;
use crate::support::in_request;
use crate::support::multi_thread;
use crate::support::seen;
use request_context::HandleExt;
use request_context::JoinSetExt;
use request_context::spawn;
use request_context::spawn_blocking;
use request_context::spawn_detached;
use request_context::spawn_local;
use request_context::spawn_outside;
use tokio::runtime::Builder;
use tokio::runtime::Handle;
use tokio::runtime::Runtime;
use tokio::task::JoinError;
use tokio::task::JoinSet;
use tokio::task::LocalSet;
use tracing::Span;

fn expect_panic(result: Result<(), JoinError>) {
    let error = result.unwrap_err();
    assert!(error.is_panic());
    assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "planted");
}

fn with_one_thread() -> [Runtime; 2] {
    [current_thread(), multi_thread(1)]
}

async fn expect_clean_worker() {
    let next = spawn_outside(async { (seen().is_err(), Span::current().id()) });
    assert_eq!(next.await.unwrap(), (true, None));
}

#[test]
fn a_task_that_panics_leaves_a_clean_worker() {
    for runtime in with_one_thread() {
        runtime.block_on(async {
            let request = in_request(async |here| {
                expect_panic(spawn(async { panic!("planted") }).await);
                expect_panic(spawn_detached(async { panic!("planted") }).await);
                let handle = Handle::current();
                expect_panic(handle.spawn_in_context(async { panic!("planted") }).await);
                let mut set = JoinSet::new();
                set.spawn_in_context(async { panic!("planted") });
                expect_panic(set.join_next().await.unwrap());

                expect_clean_worker().await;
                assert_eq!(seen(), Ok(here));
            });
            request.await;
            expect_clean_worker().await;
        });
    }
}

#[test]
fn a_task_that_panics_after_it_has_waited_leaves_a_clean_worker() {
    for runtime in with_one_thread() {
        let request = in_request(async |_| {
            let task = spawn(async {
                tokio::task::yield_now().await;
                panic!("planted")
            });
            expect_panic(task.await);
            expect_clean_worker().await;
        });
        runtime.block_on(request);
    }
}

#[test]
fn a_local_task_that_panics_leaves_a_clean_thread() {
    let test = in_request(async |here| {
        expect_panic(spawn_local(async { panic!("planted") }).await);
        assert_eq!(seen(), Ok(here));
        expect_clean_worker().await;
    });
    LocalSet::new().block_on(&current_thread(), test);
    seen().unwrap_err();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the next call is one of no request")]
fn a_blocking_call_that_panics_leaves_a_clean_thread() {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.max_blocking_threads(1).build().unwrap();
    let request = in_request(async |_| {
        expect_panic(spawn_blocking(|| panic!("planted")).await);
        let mut set = JoinSet::new();
        set.spawn_blocking_in_context(|| panic!("planted"));
        expect_panic(set.join_next().await.unwrap());

        let next = tokio::task::spawn_blocking(|| (seen().is_err(), Span::current().id()));
        assert_eq!(next.await.unwrap(), (true, None));
    });
    runtime.block_on(request);
}

#[test]
fn a_thread_that_panics_tells_so_when_joined() {
    crate::support::in_sync_request(|here| {
        let thread = request_context::thread::spawn(|| panic!("planted"));
        assert_eq!(*thread.join().unwrap_err().downcast::<&str>().unwrap(), "planted");
        assert_eq!(seen(), Ok(here));
    });
}
