//! One value for each user.

use crate::support::anonymous;
use crate::support::of_tenant;
use crate::support::request;
use request_context::RequestContext;
use request_context::owner::PerUser;

fn add(values: &PerUser<Vec<u32>>, context: &RequestContext, item: u32) -> Vec<u32> {
    context.clone().sync_scope(|| {
        values.with(|value| {
            value.push(item);
            value.clone()
        })
    })
}

#[test]
fn each_user_has_a_value_of_their_own_in_all_sessions() {
    static VALUES: PerUser<Vec<u32>> = PerUser::new();
    assert_eq!(add(&VALUES, &request("ada", "a1"), 1), [1]);
    assert_eq!(add(&VALUES, &request("bob", "b7"), 2), [2]);
    assert_eq!(add(&VALUES, &request("ada", "a2"), 3), [1, 3]);
    assert_eq!(add(&VALUES, &request("ada", ""), 4), [1, 3, 4]);
    assert_eq!(add(&VALUES, &request("bob", "a1"), 5), [2, 5]);
    assert_eq!(VALUES.len(), 2);
}

#[test]
fn users_of_the_same_name_in_two_tenants_are_two() {
    let values = PerUser::new();
    let ada = request("ada", "a1");
    assert_eq!(add(&values, &ada, 1), [1]);
    assert_eq!(add(&values, &of_tenant("acme", &ada), 2), [2]);
    assert_eq!(add(&values, &of_tenant("corp", &ada), 3), [3]);
    assert_eq!(add(&values, &ada, 4), [1, 4]);
}

#[test]
fn names_are_not_run_together() {
    let values = PerUser::new();
    assert_eq!(add(&values, &of_tenant("a", &request("bc", "")), 1), [1]);
    assert_eq!(add(&values, &of_tenant("ab", &request("c", "")), 2), [2]);
}

#[test]
fn an_anonymous_request_has_no_value() {
    let values = PerUser::<u32>::new();
    for context in [anonymous(), request("", "s1"), of_tenant("acme", &anonymous())] {
        let error = context.sync_scope(|| values.try_with(|_| ()).unwrap_err());
        assert!(error.is_missing_identity());
    }
    assert!(values.try_with(|_| ()).unwrap_err().is_outside());
    assert!(values.is_empty());
}

#[test]
fn debug_prints_the_type_and_the_number() {
    let values = PerUser::<u32>::with_init(|| 7);
    assert_eq!(request("ada", "").sync_scope(|| values.with(|value| *value)), 7);
    assert_eq!(format!("{values:?}"), "PerUser<u32> { len: 1 }");
}
