//! Uses that could never begin.

#![expect(clippy::disallowed_methods, reason = "each thread enters a context of its own")]

use crate::support::request;
use request_context::owner::PerSession;
use request_context::owner::PerUser;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::sync::Barrier;
use std::sync::mpsc;
use std::thread;

#[test]
fn a_use_within_a_use_of_the_same_value_is_an_error_and_no_hang() {
    let values = PerSession::<u32>::new();
    request("ada", "a1").sync_scope(|| {
        values.with(|value| {
            *value = 7;
            assert!(values.try_with(|_| ()).unwrap_err().is_deadlock());
            assert!(panic::catch_unwind(AssertUnwindSafe(|| values.with(|_| ()))).is_err());
        });
        assert_eq!(values.with(|value| *value), 7, "the outer use was not disturbed");
    });
}

#[test]
fn an_init_that_asks_for_what_it_makes_is_an_error_and_no_hang() {
    static VALUES: PerUser<bool> =
        PerUser::with_init(|| VALUES.try_with(|_| ()).is_err_and(|error| error.is_deadlock()));
    request("ada", "").sync_scope(|| assert!(VALUES.with(|value| *value)));
}

#[test]
fn two_threads_that_want_two_values_in_opposite_order_do_not_wait_for_ever() {
    for _ in 0..200 {
        let (one, two) = (PerSession::<u32>::new(), PerUser::<u32>::new());
        let barrier = Barrier::new(2);
        let (forwards, backwards) = thread::scope(|scope| {
            let forwards = scope.spawn(|| {
                request("ada", "a1").sync_scope(|| {
                    one.with(|_| {
                        barrier.wait();
                        two.try_with(|value| *value += 1)
                    })
                })
            });
            let backwards = scope.spawn(|| {
                request("ada", "a1").sync_scope(|| {
                    two.with(|_| {
                        barrier.wait();
                        one.try_with(|value| *value += 1)
                    })
                })
            });
            (forwards.join().unwrap(), backwards.join().unwrap())
        });
        // The last to ask finds the circle closed, and then the other gets what it waits for.
        let errors: Vec<_> = [forwards, backwards].into_iter().filter_map(Result::err).collect();
        assert_eq!(errors.len(), 1);
        assert!(errors[0].is_deadlock());
    }
}

#[test]
fn three_threads_in_a_circle_do_not_wait_for_ever() {
    for _ in 0..100 {
        let values: Vec<_> = (0..3).map(|_| PerSession::<u32>::new()).collect();
        let barrier = Barrier::new(3);
        let errors: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..3)
                .map(|n| {
                    let (values, barrier) = (&values, &barrier);
                    scope.spawn(move || {
                        request("ada", "a1").sync_scope(|| {
                            values[n].with(|_| {
                                barrier.wait();
                                values[(n + 1) % 3].try_with(|_| ())
                            })
                        })
                    })
                })
                .collect();
            threads
                .into_iter()
                .filter(|_| true)
                .map(|t| usize::from(t.join().unwrap().is_err()))
                .sum()
        });
        assert_eq!(errors, 1);
    }
}

#[test]
fn who_uses_one_value_may_wait_for_another_that_is_merely_busy() {
    let (one, two) = (PerSession::<u32>::new(), PerSession::<u32>::new());
    let (in_use, is_in_use) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let (one, two) = (&one, &two);
        scope.spawn(move || {
            request("ada", "a1").sync_scope(|| {
                two.with(|value| {
                    in_use.send(()).unwrap();
                    may_go_on.recv().unwrap();
                    *value = 7;
                });
            });
        });
        is_in_use.recv().unwrap();
        let waits = scope.spawn(|| {
            request("ada", "a1").sync_scope(|| one.with(|_| two.try_with(|value| *value)))
        });
        thread::yield_now();
        go_on.send(()).unwrap();
        assert_eq!(waits.join().unwrap(), Ok(7));
    });
}
