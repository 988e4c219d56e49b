//! Nothing of it needs a tokio runtime, and every kind of tokio runtime will do.

#![expect(
    clippy::disallowed_methods,
    reason = "the test says what a context does in plain tasks and threads"
)]

use crate::support::context;
use crate::support::here;
use crate::support::start;
use crate::support::stays_in;
use futures::StreamExt;
use futures::stream;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::carry;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

/// Scopes, nested, joined, carried, streamed, panicking: whatever is told apart by polls.
async fn requests() {
    assert_eq!(here(), "nowhere");
    let request = async {
        stays_in("a").await;
        context("b").scope(stays_in("b")).await;
        futures::join!(
            stays_in("a").in_current_context(),
            stays_in("c").in_context(context("c")),
            stays_in("a"),
        );
        let ids = stream::repeat_with(here).take(3).in_current_context();
        let carried = carry(here);
        context("d")
            .scope(async {
                assert_eq!(ids.collect::<Vec<_>>().await, ["a", "a", "a"]);
                assert_eq!(carried(), "a");
                stays_in("d").await;
            })
            .await;
        stays_in("a").await;
    };
    request.in_context(context("a")).await;
    assert_eq!(here(), "nowhere");
}

#[test]
fn it_works_on_the_executor_of_futures() {
    futures::executor::block_on(requests());
}

#[test]
fn it_works_on_a_pool_of_futures_on_one_thread() {
    use futures::task::LocalSpawnExt;
    let mut pool = futures::executor::LocalPool::new();
    for _ in 0..4 {
        pool.spawner().spawn_local(requests()).unwrap();
    }
    pool.run();
}

#[test]
fn it_works_on_smol() {
    smol::block_on(requests());
    let tasks: Vec<_> = (0..4).map(|_| smol::spawn(requests())).collect();
    smol::block_on(futures::future::join_all(tasks));
}

#[test]
fn it_works_on_pollster() {
    pollster::block_on(requests());
}

#[test]
fn it_works_on_a_current_thread_runtime() {
    Builder::new_current_thread().build().unwrap().block_on(async {
        let tasks: Vec<_> = (0..4).map(|_| start(requests())).collect();
        requests().await;
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn it_works_on_a_multi_thread_runtime() {
    Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(async {
        let tasks: Vec<_> = (0..16).map(|_| start(requests())).collect();
        requests().await;
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn it_works_in_a_local_set() {
    let set = LocalSet::new();
    let tasks: Vec<_> = (0..4).map(|_| set.spawn_local(requests())).collect();
    Builder::new_current_thread().build().unwrap().block_on(set.run_until(async {
        requests().await;
        for task in tasks {
            task.await.unwrap();
        }
    }));
}
