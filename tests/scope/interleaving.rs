//! Futures of different contexts that take turns in one task or on one thread never mix.

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
use crate::support::poll_once;
use crate::support::start;
use crate::support::stays_in;
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use request_context::ContextExt;
use std::pin::Pin;
use std::sync::mpsc;
use tokio::runtime::Builder;

/// Runs `request` many times at once, on one worker and on several.
fn on_one_and_on_four_workers<F>(request: impl Fn(usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    for workers in [1, 4] {
        let runtime = Builder::new_multi_thread().worker_threads(workers).build().unwrap();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..16).map(|number| start(request(number))).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}

#[test]
fn joined_futures_keep_to_their_own_contexts() {
    on_one_and_on_four_workers(|number| async move {
        let (a, b) = (format!("a-{number}"), format!("b-{number}"));
        tokio::join!(
            stays_in(&a).in_context(context(&a)),
            stays_in(&b).in_context(context(&b)),
            stays_in("nowhere"),
        );
        assert_eq!(here(), "nowhere");
    });
}

#[test]
fn futures_joined_inside_a_scope_shadow_it_each_for_itself() {
    on_one_and_on_four_workers(|number| {
        let outer = format!("outer-{number}");
        context(&outer).scope(async move {
            tokio::join!(
                stays_in("a").in_context(context("a")),
                stays_in(&outer),
                stays_in("b").in_context(context("b")),
            );
            join_all(["c", "d"].map(|name| stays_in(name).in_context(context(name)))).await;
            assert_eq!(here(), outer);
        })
    });
}

#[test]
fn unordered_futures_keep_to_their_own_contexts() {
    on_one_and_on_four_workers(|number| async move {
        let names: Vec<_> = (0..8).map(|other| format!("{number}-{other}")).collect();
        let mut all: FuturesUnordered<_> =
            names.iter().map(|name| stays_in(name).in_context(context(name))).collect();
        while all.next().await.is_some() {
            assert_eq!(here(), "nowhere");
        }
    });
}

#[test]
fn the_loser_of_a_select_is_dropped_in_its_own_context() {
    on_one_and_on_four_workers(|number| async move {
        let log = Log::default();
        let winner = format!("winner-{number}");
        context("outer")
            .scope(async {
                tokio::select! {
                    biased;
                    () = Probe::new(&log).forever().in_context(context("loser")) => unreachable!(),
                    () = stays_in(&winner).in_context(context(&winner)) => {
                        assert_eq!(here(), "outer");
                    }
                }
                assert_eq!(here(), "outer");
            })
            .await;
        assert_eq!(log.take().last().unwrap(), "drop in loser");
    });
}

#[test]
fn a_panic_in_one_joined_future_leaves_the_other_in_its_context() {
    let log = Log::default();
    let both = async {
        futures::join!(
            Probe::new(&log).forever().in_context(context("bystander")),
            Probe::new(&log).panicking_when_polled().in_context(context("culprit")),
        )
    };
    panics_as_planted(|| finish(context("outer").scope(both)));
    let mut log = log.take();
    log.sort();
    let expected = ["drop in bystander", "drop in culprit", "poll in bystander", "poll in culprit"];
    assert_eq!(log, expected);
    assert_eq!(here(), "nowhere");
}

#[test]
fn hand_polled_in_turns_on_one_thread_they_do_not_mix() {
    let mut tasks: Vec<_> = (0..10)
        .map(|number| {
            let name = format!("request-{number}");
            let request = context(&name);
            Box::pin(request.scope(async move { stays_in(&name).await }))
        })
        .collect();
    while !tasks.is_empty() {
        tasks.retain_mut(|task| poll_once(task.as_mut()).is_pending());
        assert_eq!(here(), "nowhere");
    }
}

#[test]
fn hand_polled_by_two_threads_in_turns_they_stay_in_their_contexts() {
    type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

    fn poll_in_turns(
        name: &'static str,
        turns: &mpsc::Receiver<Vec<Boxed>>,
        other: &mpsc::Sender<Vec<Boxed>>,
    ) {
        context(name).sync_scope(|| {
            for mut tasks in turns {
                tasks.retain_mut(|task| poll_once(task.as_mut()).is_pending());
                assert_eq!(here(), name);
                if tasks.is_empty() || other.send(tasks).is_err() {
                    break;
                }
            }
        });
        assert_eq!(here(), "nowhere");
    }

    let (to_first, first_turns) = mpsc::channel();
    let (to_second, second_turns) = mpsc::channel();
    let tasks = ["a", "b"].map(|name| -> Boxed {
        let nested = async move {
            stays_in(name).await;
            stays_in("inner").in_context(context("inner")).await;
            stays_in(name).await;
        };
        Box::pin(nested.in_context(context(name)))
    });
    to_first.send(tasks.into()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || poll_in_turns("first", &first_turns, &to_second));
        scope.spawn(move || poll_in_turns("second", &second_turns, &to_first));
    });
}
