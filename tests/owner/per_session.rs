//! One value for each session.

use crate::support::anonymous;
use crate::support::of_tenant;
use crate::support::request;
use request_context::RequestContext;
use request_context::owner::OwnedError;
use request_context::owner::PerSession;
use std::panic;

fn add(values: &PerSession<Vec<u32>>, context: &RequestContext, item: u32) -> Vec<u32> {
    context.clone().sync_scope(|| {
        values.with(|value| {
            value.push(item);
            value.clone()
        })
    })
}

#[test]
fn each_session_has_a_value_of_its_own_in_a_static() {
    static CART: PerSession<Vec<u32>> = PerSession::new();
    let (ada, bob) = (request("ada", "a1"), request("bob", "b7"));
    assert!(CART.is_empty());
    assert_eq!(add(&CART, &ada, 1), [1]);
    assert_eq!(add(&CART, &bob, 2), [2]);
    assert_eq!(add(&CART, &ada, 3), [1, 3]);
    assert_eq!(add(&CART, &request("ada", "a2"), 4), [4], "another session of the same user");
    assert_eq!(add(&CART, &request("ada", "a1"), 5), [1, 3, 5], "another request of the session");
    assert_eq!(CART.len(), 3);
}

#[test]
fn whoever_else_comes_to_the_same_session_begins_with_a_value_of_their_own() {
    let values = PerSession::new();
    let ada = request("ada", "s1");
    assert_eq!(add(&values, &request("", "s1"), 1), [1]);
    assert_eq!(add(&values, &ada, 2), [2]);
    assert_eq!(add(&values, &request("bob", "s1"), 3), [3]);
    assert_eq!(add(&values, &of_tenant("acme", &ada), 4), [4]);
    assert_eq!(add(&values, &of_tenant("corp", &ada), 5), [5]);
    assert_eq!(add(&values, &ada, 6), [2, 6]);
}

#[test]
fn a_value_is_made_on_first_use_and_in_the_context_of_that_use() {
    let values = PerSession::with_init(|| RequestContext::current().session().unwrap().to_string());
    assert_eq!(request("ada", "a1").sync_scope(|| values.with(|value| value.clone())), "a1");
    assert_eq!(request("bob", "b7").sync_scope(|| values.with(|value| value.clone())), "b7");
}

#[test]
fn without_a_session_there_is_no_value() {
    let values = PerSession::<u32>::new();
    for context in [anonymous(), request("ada", ""), request("ada", "a1").detach()] {
        context.sync_scope(|| {
            assert!(values.try_with(|_| ()).unwrap_err().is_missing_identity());
        });
    }
    assert!(values.is_empty());
}

#[test]
fn outside_every_scope_there_is_no_value() {
    let values = PerSession::<u32>::new();
    assert!(values.try_with(|_| ()).unwrap_err().is_outside());
    let panic = panic::catch_unwind(panic::AssertUnwindSafe(|| values.with(|_| ()))).unwrap_err();
    let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    let message = panic.downcast_ref::<&str>().map_or(message, |text| (*text).to_owned());
    assert!(message.contains("no `RequestContext` is current"), "{message}");
}

#[test]
fn two_statics_are_two() {
    let (one, two) = (PerSession::new(), PerSession::new());
    let ada = request("ada", "a1");
    assert_eq!(add(&one, &ada, 1), [1]);
    assert_eq!(add(&two, &ada, 2), [2]);
}

#[test]
fn a_use_may_use_other_values_and_enter_other_contexts() {
    let (one, two) = (PerSession::new(), PerSession::new());
    let (ada, bob) = (request("ada", "a1"), request("bob", "b7"));
    ada.sync_scope(|| {
        one.with(|value: &mut u32| {
            *value = 1;
            two.with(|value: &mut u32| *value = 2);
            bob.clone().sync_scope(|| one.with(|value| *value = 3));
        });
        assert_eq!((one.with(|value| *value), two.with(|value| *value)), (1, 2));
    });
    assert_eq!(bob.sync_scope(|| one.with(|value| *value)), 3);
}

#[test]
fn a_long_name_is_compared_in_full() {
    let values = PerSession::new();
    let long = |last: &str| request("", &("s".repeat(200) + last));
    assert_eq!(add(&values, &long("1"), 1), [1]);
    assert_eq!(add(&values, &long("2"), 2), [2]);
}

#[test]
fn debug_prints_the_type_and_the_number() {
    let values = PerSession::new();
    add(&values, &request("ada", "a1"), 42);
    let debug = format!("{values:?}");
    assert_eq!(debug, "PerSession<alloc::vec::Vec<u32>> { len: 1 }");
}

#[test]
fn values_need_not_be_sync() {
    fn is_sync<T: Send + Sync>() {}
    is_sync::<PerSession<std::cell::Cell<u32>>>();
    is_sync::<OwnedError>();
}
