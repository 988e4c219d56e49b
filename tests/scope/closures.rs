//! A carried closure runs, and drops what it captured, in the context of the call that carried it.

#![expect(
    clippy::disallowed_methods,
    reason = "the test says what a context does in plain tasks and threads"
)]

use crate::support::Log;
use crate::support::OnDrop;
use crate::support::Probe;
use crate::support::context;
use crate::support::here;
use crate::support::panics_as_planted;
use crate::support::planted_panic;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;
use request_context::try_carry;
use request_context::try_carry_fn;
use request_context::try_carry_mut;
use std::thread;

/// The scope in which `f` is called carries, and nothing else is current afterwards.
fn in_a<R>(f: impl FnOnce() -> R) -> R {
    context("a").sync_scope(f)
}

#[test]
fn each_kind_captures_at_the_call_and_not_when_it_runs() {
    let once = in_a(|| carry(here));
    let mut many_mut = in_a(|| carry_mut(|()| here()));
    let many = in_a(|| carry_fn(|()| here()));
    context("b").sync_scope(|| {
        assert_eq!(once(), "a");
        assert_eq!([many_mut(()), many_mut(())], ["a", "a"]);
        assert_eq!([many(()), many(())], ["a", "a"]);
        assert_eq!(here(), "b");
    });
    assert_eq!(here(), "nowhere");
}

#[test]
fn each_kind_passes_arguments_results_and_state() {
    let name = String::from("moved");
    assert_eq!(in_a(|| carry(move || name))(), "moved");
    let mut total = 0;
    let mut add = in_a(|| {
        carry_mut(|number: i32| {
            total += number;
            total
        })
    });
    assert_eq!([add(1), add(2), add(3)], [1, 3, 6]);
    drop(add);
    assert_eq!(total, 6);
    let double = in_a(|| carry_fn(|number: i32| number * 2));
    assert_eq!([1, 2].map(double), [2, 4]);
}

#[test]
fn a_called_closure_drops_what_it_captured_in_its_context() {
    let log = Log::default();
    let value = OnDrop(log.clone());
    let carried = in_a(|| {
        carry(move || {
            value.0.note("call");
        })
    });
    context("b").sync_scope(carried);
    assert_eq!(log.take(), ["call in a", "drop in a"]);
}

#[test]
fn a_closure_that_is_never_called_drops_what_it_captured_in_its_context() {
    let log = Log::default();
    let (once, many_mut, many) = (OnDrop(log.clone()), OnDrop(log.clone()), OnDrop(log.clone()));
    drop(in_a(|| carry(move || drop(once))));
    assert_eq!(log.take(), ["drop in a"]);
    drop(in_a(|| carry_mut(move |()| many_mut.0.note("call"))));
    assert_eq!(log.take(), ["drop in a"]);
    context("b").sync_scope(|| drop(in_a(|| carry_fn(move |()| many.0.note("call")))));
    assert_eq!(log.take(), ["drop in a"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_closure_that_was_called_many_times_is_dropped_in_its_context() {
    let log = Log::default();
    let (value, shared) = (OnDrop(log.clone()), OnDrop(log.clone()));
    let mut many_mut = in_a(|| carry_mut(move |()| value.0.note("call")));
    many_mut(());
    many_mut(());
    drop(many_mut);
    assert_eq!(log.take(), ["call in a", "call in a", "drop in a"]);
    let many = in_a(|| carry_fn(move |()| shared.0.note("call")));
    many(());
    drop(many);
    assert_eq!(log.take(), ["call in a", "drop in a"]);
}

#[test]
fn a_panic_in_a_carried_closure_restores_and_drops_in_its_context() {
    let log = Log::default();
    let value = OnDrop(log.clone());
    let carried = in_a(|| {
        carry(move || {
            let _value = value;
            planted_panic()
        })
    });
    context("b").sync_scope(|| {
        panics_as_planted(carried);
        assert_eq!(here(), "b");
    });
    assert_eq!(log.take(), ["drop in a"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_closure_that_panicked_can_be_called_again() {
    let mut calls = 0;
    let mut carried = in_a(|| {
        carry_mut(|()| {
            calls += 1;
            if calls == 1 {
                planted_panic();
            }
            here()
        })
    });
    panics_as_planted(|| carried(()));
    assert_eq!(carried(()), "a");
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_panic_in_the_drop_of_a_carried_closure_restores() {
    let log = Log::default();
    let probe = Probe::new(&log).panicking_when_dropped();
    let carried = in_a(|| carry(move || drop(probe)));
    context("b").sync_scope(|| {
        panics_as_planted(|| drop(carried));
        assert_eq!(here(), "b");
    });
    assert_eq!(log.take(), ["drop in a"]);
}

#[test]
fn carried_twice_the_first_capture_stays() {
    let once = in_a(|| carry(here));
    let twice = context("b").sync_scope(|| carry(once));
    assert_eq!(context("c").sync_scope(twice), "a");
}

#[test]
fn carried_to_threads_the_context_is_there_and_here_it_stays() {
    in_a(|| {
        assert_eq!(thread::spawn(here).join().unwrap(), "nowhere");
        assert_eq!(thread::spawn(carry(here)).join().unwrap(), "a");
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(carry(|| assert_eq!(here(), "a")));
            }
        });
        let shared = carry_fn(|()| here());
        thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(|| shared(())));
            assert_eq!(threads.map(|thread| thread.join().unwrap()), ["a"; 4]);
        });
        assert_eq!(here(), "a");
    });
}

#[test]
fn the_try_twins_carry_inside_and_drop_the_closure_outside() {
    assert_eq!(in_a(|| try_carry(here)).unwrap()(), "a");
    assert_eq!(in_a(|| try_carry_mut(|()| here())).unwrap()(()), "a");
    assert_eq!(in_a(|| try_carry_fn(|()| here())).unwrap()(()), "a");
    let log = Log::default();
    let (once, many_mut, many) = (OnDrop(log.clone()), OnDrop(log.clone()), OnDrop(log.clone()));
    assert!(try_carry(move || drop(once)).is_err());
    assert!(try_carry_mut(move |()| many_mut.0.note("call")).is_err());
    assert!(try_carry_fn(move |()| many.0.note("call")).is_err());
    assert_eq!(log.take(), ["drop in nowhere"; 3]);
}
