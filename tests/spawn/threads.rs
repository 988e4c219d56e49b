//! Threads and pools: std, scoped threads, rayon.

#![expect(clippy::disallowed_methods, reason = "what they are given is carried")]

use crate::support::in_sync_request;
use crate::support::seen;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;
use request_context::thread;
use request_context::try_carry;
use request_context::try_carry_fn;
use request_context::try_carry_mut;
use std::sync::mpsc;

#[test]
fn a_thread_runs_for_the_same_request_in_the_same_span() {
    in_sync_request(|here| {
        assert_eq!(thread::spawn(seen).join().unwrap(), Ok(here.clone()));
        assert_eq!(thread::try_spawn(seen).unwrap().join().unwrap(), Ok(here));
    });
}

#[test]
fn a_thread_that_was_not_carried_sees_nothing_of_the_request() {
    in_sync_request(|_| std::thread::spawn(|| seen().unwrap_err()).join().unwrap());
}

#[test]
fn a_scoped_thread_runs_for_the_same_request_and_borrows() {
    in_sync_request(|here| {
        let here = &here;
        std::thread::scope(|scope| {
            scope.spawn(carry(|| assert_eq!(seen().as_ref(), Ok(here))));
            scope.spawn(try_carry(|| assert_eq!(seen().as_ref(), Ok(here))).unwrap());
        });
    });
}

#[test]
fn carried_closures_run_for_the_same_request_on_a_rayon_pool() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    in_sync_request(|here| {
        assert_eq!(pool.install(carry(seen)), Ok(here.clone()));

        let (send, receive) = mpsc::channel();
        pool.spawn(carry(move || send.send(seen()).unwrap()));
        assert_eq!(receive.recv().unwrap(), Ok(here.clone()));

        let each = carry_fn(|_: usize| seen());
        let all: Vec<_> = pool.install(|| (0..64).into_par_iter().map(&each).collect());
        assert_eq!(all, vec![Ok(here.clone()); 64]);

        let each = try_carry_fn(|_: usize| seen()).unwrap();
        let all: Vec<_> = pool.install(|| (0..64).into_par_iter().map(each).collect());
        assert_eq!(all, vec![Ok(here); 64]);
        pool.install(|| seen().unwrap_err());
    });
}

#[test]
fn a_carried_callback_runs_for_the_same_request_at_each_call() {
    in_sync_request(|here| {
        let mut calls = 0;
        let callback = carry_mut(move |step| {
            calls += step;
            (calls, seen())
        });
        let twin = try_carry_mut(|step| (step, seen())).unwrap();
        let thread = std::thread::spawn(move || {
            let (mut callback, mut twin) = (callback, twin);
            let calls = [callback(1), callback(2), twin(3)];
            seen().unwrap_err();
            calls
        });
        let expected = [1, 3, 3].map(|count| (count, Ok(here.clone())));
        assert_eq!(thread.join().unwrap(), expected);
    });
}
