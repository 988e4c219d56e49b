//! When the context is captured, and how far it goes: at the call, through every level, once.

use crate::support::current_thread;
use crate::support::in_request;
use crate::support::in_sync_request;
use crate::support::on_each_runtime;
use crate::support::plain_spawn;
use crate::support::seen;
use crate::support::user;
use crate::support::whose;
use request_context::ContextExt;
use request_context::HandleExt;
use request_context::JoinSetExt;
use request_context::LocalSetExt;
use request_context::carry;
use request_context::spawn;
use request_context::spawn_blocking;
use request_context::spawn_local;
use request_context::spawn_with;
use request_context::thread;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use tokio::task::LocalSet;
use tokio_test::assert_ready_eq;
use tracing::Span;

/// Starts a task for Ada, and has the runtime poll it first while the thread is in Bob's scope.
fn first_polled_for_bob(start: impl FnOnce() -> JoinHandle<String>) -> String {
    let runtime = current_thread();
    let task = {
        let _entered = runtime.enter();
        user("ada").sync_scope(start)
    };
    user("bob").sync_scope(|| runtime.block_on(task)).unwrap()
}

#[test]
fn a_task_has_the_context_of_its_spawn_and_not_of_its_first_poll() {
    assert_eq!(first_polled_for_bob(|| spawn(async { whose() })), "ada");
    let by_twin = || request_context::try_spawn(async { whose() }).unwrap();
    assert_eq!(first_polled_for_bob(by_twin), "ada");
}

#[test]
fn a_task_on_a_handle_has_the_context_of_its_spawn_and_not_of_its_first_poll() {
    let by_handle = || {
        let handle = tokio::runtime::Handle::current();
        handle.spawn_in_context(async { whose() })
    };
    assert_eq!(first_polled_for_bob(by_handle), "ada");
}

#[test]
fn a_task_in_a_join_set_has_the_context_of_its_spawn_and_not_of_its_first_poll() {
    let runtime = current_thread();
    let mut set = JoinSet::new();
    let _entered = runtime.enter();
    user("ada").sync_scope(|| set.spawn_in_context(async { whose() }));
    user("bob").sync_scope(|| {
        let joined = runtime.block_on(set.join_next());
        assert_eq!(joined.unwrap().unwrap(), "ada");
    });
}

#[test]
fn a_local_task_has_the_context_of_its_spawn_and_not_of_its_first_poll() {
    let local = LocalSet::new();
    let mut set = JoinSet::new();
    let by_set = user("ada").sync_scope(|| local.spawn_local_in_context(async { whose() }));
    let by_function = {
        let _entered = local.enter();
        user("ada").sync_scope(|| {
            set.spawn_local_in_context(async { whose() });
            spawn_local(async { whose() })
        })
    };
    let test = async {
        assert_eq!(by_set.await.unwrap(), "ada");
        assert_eq!(by_function.await.unwrap(), "ada");
        assert_eq!(set.join_next().await.unwrap().unwrap(), "ada");
        assert_eq!(whose(), "bob");
    };
    let driven_for_bob = local.run_until(test).in_context(user("bob"));
    current_thread().block_on(driven_for_bob);
}

#[test]
fn any_other_spawner_gets_the_context_of_the_call_and_not_of_the_first_poll() {
    let future = user("ada").sync_scope(|| spawn_with(async { whose() }, |future| future));
    let mut future = tokio_test::task::spawn(future);
    user("bob").sync_scope(|| {
        assert_ready_eq!(future.poll(), "ada");
    });
}

#[test]
fn a_closure_has_the_context_of_the_call_and_not_of_its_run() {
    let closure = user("ada").sync_scope(|| carry(whose));
    user("bob").sync_scope(|| assert_eq!(closure(), "ada"));
}

#[test]
fn the_span_is_that_of_the_call_and_not_of_the_first_poll() {
    let (here, future, closure) = in_sync_request(|here| {
        let future = async { Span::current().id() }.in_current_context();
        (here, future, carry(|| Span::current().id()))
    });
    let mut future = tokio_test::task::spawn(future);
    tracing::info_span!("later").in_scope(|| {
        let later = Span::current().id();
        assert_ready_eq!(future.poll(), here.span.clone());
        assert_eq!(closure(), here.span);
        assert_eq!(Span::current().id(), later);
        assert_ne!(later, here.span);
    });
}

#[test]
fn a_task_outlives_the_scope_that_it_was_spawned_in() {
    on_each_runtime(async || {
        let (go, gone) = tokio::sync::oneshot::channel();
        let task = user("ada").sync_scope(|| {
            spawn(async {
                gone.await.unwrap();
                whose()
            })
        });
        go.send(()).unwrap();
        assert_eq!(task.await.unwrap(), "ada");
    });
}

#[test]
fn tasks_carry_the_context_three_levels_deep() {
    on_each_runtime(|| {
        in_request(async |here| {
            let levels = spawn(async {
                let one = seen();
                let below = spawn(async {
                    let two = seen();
                    let three = spawn(async { seen() }).await.unwrap();
                    (two, three)
                });
                (one, below.await.unwrap())
            });
            let (one, (two, three)) = levels.await.unwrap();
            assert_eq!([one, two, three], [1, 2, 3].map(|_| Ok(here.clone())));
        })
    });
}

#[test]
fn the_levels_may_be_of_different_kinds() {
    on_each_runtime(|| {
        in_request(async |here| {
            let task = spawn(async {
                let below = spawn_blocking(|| {
                    let below = thread::spawn(|| {
                        let below = spawn_with(async { seen() }, smol::spawn);
                        (seen(), smol::block_on(below))
                    });
                    (seen(), below.join().unwrap())
                });
                (seen(), below.await.unwrap())
            });
            let here = || Ok(here.clone());
            let expected = (here(), (here(), (here(), here())));
            assert_eq!(task.await.unwrap(), expected);
        })
    });
}

#[test]
fn carrying_twice_is_harmless() {
    on_each_runtime(|| {
        in_request(async |here| {
            let twice = async { seen() }.in_current_context();
            assert_eq!(spawn(twice).await.unwrap(), Ok(here.clone()));

            let thrice = async { seen() }.in_current_context().in_current_context();
            assert_eq!(spawn(thrice).await.unwrap(), Ok(here.clone()));

            let twice = carry(seen);
            assert_eq!(spawn_blocking(twice).await.unwrap(), Ok(here));
        })
    });
}

#[test]
fn what_was_carried_first_wins_over_the_scope_that_carries_it_again() {
    on_each_runtime(async || {
        let future = user("ada").sync_scope(|| async { whose() }.in_current_context());
        let closure = user("ada").sync_scope(|| carry(whose));
        user("bob")
            .scope(async {
                assert_eq!(spawn(future).await.unwrap(), "ada");
                assert_eq!(spawn_blocking(closure).await.unwrap(), "ada");
                assert_eq!(whose(), "bob");
            })
            .await;
    });
}

#[test]
fn what_was_said_explicitly_wins_over_the_scope_that_spawns_it() {
    on_each_runtime(async || {
        user("bob")
            .scope(async {
                let future = async { whose() }.in_context(user("ada"));
                assert_eq!(spawn(future).await.unwrap(), "ada");
            })
            .await;
    });
}

#[test]
fn a_plain_spawn_in_the_middle_breaks_the_chain() {
    on_each_runtime(|| {
        in_request(async |here| {
            let levels = spawn(async {
                let broken = plain_spawn(async {
                    let below = request_context::try_spawn(async { seen() });
                    (seen().is_err(), below.is_err())
                });
                (seen(), broken.await.unwrap())
            });
            assert_eq!(levels.await.unwrap(), (Ok(here), (true, true)));
        })
    });
}

#[test]
fn two_requests_that_spawn_at_the_same_time_do_not_mix() {
    on_each_runtime(async || {
        let requests = ["ada", "bob"].map(|name| {
            let request = async move {
                for _ in 0..16 {
                    tokio::task::yield_now().await;
                    let saw = spawn(async {
                        tokio::task::yield_now().await;
                        whose()
                    });
                    assert_eq!(saw.await.unwrap(), name);
                    assert_eq!(whose(), name);
                }
            };
            request.in_context(user(name))
        });
        futures::future::join_all(requests).await;
    });
}
