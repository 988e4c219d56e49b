//! Code of the user's that panics.

#![expect(clippy::disallowed_methods, reason = "each thread enters a context of its own")]

use crate::support::Drops;
use crate::support::Told;
use crate::support::request;
use request_context::RequestContext;
use request_context::owner::PerSession;
use request_context::owner::PerUser;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tokio::time::advance;

fn panics(f: impl FnOnce()) {
    assert!(panic::catch_unwind(AssertUnwindSafe(f)).is_err());
}

#[test]
fn a_value_whose_use_panicked_is_dropped_and_the_next_use_begins_anew() {
    let (values, drops) = (PerSession::<Told>::new(), Drops::default());
    let (ada, bob) = (request("ada", "a1"), request("bob", "b7"));
    ada.clone().sync_scope(|| {
        values.with(|value| value.name("whole", &drops));
        panics(|| {
            values.with(|value| {
                value.name = "half done".to_owned();
                panic!("on purpose");
            });
        });
        assert_eq!(drops.names(), ["half done"]);
        assert!(values.is_empty());
        assert_eq!(values.with(|value| value.name.clone()), "");
    });
    bob.sync_scope(|| values.with(|_| ()));
    let contexts = drops.contexts();
    assert_eq!(contexts[0].as_ref().unwrap().session(), ada.session());
}

#[test]
fn an_init_that_panicked_is_tried_again() {
    static FAILS: AtomicBool = AtomicBool::new(true);
    let values = PerUser::<u32>::with_init(|| {
        assert!(!FAILS.load(Ordering::Relaxed), "on purpose");
        7
    });
    request("ada", "").sync_scope(|| {
        panics(|| values.with(|_| ()));
        assert!(values.is_empty());
        FAILS.store(false, Ordering::Relaxed);
        assert_eq!(values.with(|value| *value), 7);
    });
}

#[test]
fn who_waited_for_a_value_whose_use_panicked_begins_anew() {
    let values = PerSession::<Vec<u32>>::new();
    let (in_use, is_in_use) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let values = &values;
        let holder = scope.spawn(move || {
            request("ada", "a1").sync_scope(|| {
                values.with(|value| {
                    value.push(1);
                    in_use.send(()).unwrap();
                    may_go_on.recv().unwrap();
                    panic!("on purpose");
                });
            });
        });
        is_in_use.recv().unwrap();
        let waits = scope.spawn(|| {
            request("ada", "a1").sync_scope(|| {
                values.with(|value| {
                    value.push(2);
                    value.clone()
                })
            })
        });
        thread::yield_now();
        go_on.send(()).unwrap();
        assert!(holder.join().is_err());
        assert_eq!(waits.join().unwrap(), [2]);
    });
    assert_eq!(values.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_drop_that_panics_does_not_fail_the_request_that_made_it_happen() {
    #[derive(Default)]
    struct Panics(u32);
    impl Drop for Panics {
        fn drop(&mut self) {
            assert_ne!(self.0, 1, "on purpose");
        }
    }
    let values = PerSession::<Panics>::new().idle_timeout(Duration::from_secs(1));
    for n in 0..3 {
        request("ada", &format!("a{n}")).sync_scope(|| values.with(|value| value.0 = 1));
    }
    advance(Duration::from_secs(1)).await;
    let bob = request("bob", "b7");
    bob.clone().sync_scope(|| {
        assert_eq!(values.with(|value| value.0), 0);
        assert_eq!(RequestContext::current().user(), bob.user());
    });
    assert_eq!(values.len(), 1);
    request("ada", "a1").sync_scope(|| {
        panics(|| {
            values.with(|value| {
                value.0 = 1;
                panic!("and its value's drop panics too");
            });
        });
    });
}
