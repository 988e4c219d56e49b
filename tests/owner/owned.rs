//! Values sealed with their owner.

use crate::support::anonymous;
use crate::support::of_tenant;
use crate::support::request;
use request_context::MissingIdentity;
use request_context::NoContext;
use request_context::RequestContext;
use request_context::owner::Owned;
use request_context::owner::OwnedError;
use request_context::owner::Owner;
use std::error::Error;
use std::panic;

const SECRET: &str = "blood group A";

fn opens<T>(sealed: &Owned<T>, context: &RequestContext) -> bool {
    context.clone().sync_scope(|| match sealed.try_open() {
        Ok(_) => true,
        Err(error) => {
            assert!(error.is_other_owner(), "{error}");
            false
        }
    })
}

fn sealed_in(context: &RequestContext) -> Owned<&'static str> {
    context.clone().sync_scope(|| Owned::new(SECRET))
}

#[test]
fn a_value_opens_for_its_owner_and_for_nobody_else() {
    let ada = request("ada", "a1");
    let sealed = sealed_in(&ada);
    assert!(opens(&sealed, &ada));
    assert!(opens(&sealed, &request("ada", "a1")), "in another request of the same session");
    for other in [
        request("bob", "b7"),
        request("bob", "a1"),
        request("bob", ""),
        request("ada", "a2"),
        request("ada", ""),
        request("", "a1"),
        of_tenant("acme", &ada),
        anonymous(),
        ada.detach(),
    ] {
        assert!(!opens(&sealed, &other), "{other:?}");
    }
}

#[test]
fn users_of_the_same_name_in_two_tenants_are_two() {
    let ada = request("ada", "a1");
    let (acme, corp) = (of_tenant("acme", &ada), of_tenant("corp", &ada));
    let sealed = sealed_in(&acme);
    assert!(opens(&sealed, &acme));
    assert!(!opens(&sealed, &corp));
    assert!(!opens(&sealed, &ada));
    assert!(!opens(&sealed_in(&ada), &acme));
}

#[test]
fn what_is_sealed_for_a_user_opens_in_all_sessions_of_that_user() {
    let sealed = request("ada", "a1").sync_scope(|| Owned::for_user(SECRET));
    for ada in [request("ada", "a1"), request("ada", "a2"), request("ada", "")] {
        assert!(opens(&sealed, &ada));
    }
    for other in [request("bob", "a1"), request("", "a1"), anonymous()] {
        assert!(!opens(&sealed, &other));
    }
    assert!(!opens(&sealed, &of_tenant("acme", &request("ada", "a1"))));
}

#[test]
fn what_is_sealed_where_there_is_no_session_is_the_users() {
    let sealed = sealed_in(&request("ada", ""));
    assert!(opens(&sealed, &request("ada", "a1")));
    assert!(!opens(&sealed, &request("bob", "a1")));
}

#[test]
fn what_an_anonymous_visitor_sealed_opens_in_the_same_session_after_a_login() {
    let sealed = request("", "s1").sync_scope(|| Owned::for_session(SECRET));
    assert!(opens(&sealed, &request("", "s1")));
    assert!(opens(&sealed, &request("ada", "s1")));
    assert!(!opens(&sealed, &request("ada", "s2")));
    assert!(!opens(&sealed, &anonymous()));
}

#[test]
fn what_a_user_sealed_for_the_session_does_not_open_for_the_next_user_of_it() {
    let sealed = request("ada", "s1").sync_scope(|| Owned::for_session(SECRET));
    assert!(opens(&sealed, &request("ada", "s1")));
    assert!(!opens(&sealed, &request("bob", "s1")));
    assert!(!opens(&sealed, &request("", "s1")));
}

#[test]
fn work_for_somebody_else_seals_for_that_one() {
    let ada = Owner::user("ada".parse().unwrap());
    let sealed = Owned::sealed_for(ada.clone(), SECRET);
    assert!(opens(&sealed, &request("ada", "a1")));
    assert!(!opens(&sealed, &request("bob", "a1")));
    let sealed = Owned::sealed_for(ada.with_session("a1".parse().unwrap()), SECRET);
    assert!(opens(&sealed, &request("ada", "a1")));
    assert!(!opens(&sealed, &request("ada", "a2")));
}

#[test]
fn nobody_owns_anything() {
    let acme = of_tenant("acme", &anonymous());
    for nobody in [anonymous(), acme, request("ada", "a1").detach()] {
        nobody.sync_scope(|| {
            assert!(Owned::try_new(SECRET).unwrap_err().is_missing_identity());
            assert!(Owned::try_for_user(SECRET).unwrap_err().is_missing_identity());
            assert!(Owned::try_for_session(SECRET).unwrap_err().is_missing_identity());
        });
    }
    let acme = Owner::nobody().with_tenant("acme".parse().unwrap());
    for nobody in [Owner::nobody(), acme] {
        assert!(Owned::try_sealed_for(nobody, SECRET).unwrap_err().is_missing_identity());
    }
}

#[test]
fn each_error_has_the_source_that_there_is() {
    fn missing(error: &OwnedError) -> &MissingIdentity {
        error.source().unwrap().downcast_ref().unwrap()
    }
    request("ada", "").sync_scope(|| {
        assert!(missing(&Owned::try_for_session(SECRET).unwrap_err()).is_session());
    });
    request("", "s1").sync_scope(|| {
        assert!(missing(&Owned::try_for_user(SECRET).unwrap_err()).is_user());
    });
    let outside = Owned::try_new(SECRET).unwrap_err();
    assert!(outside.is_outside());
    assert!(outside.source().unwrap().is::<NoContext>());
}

#[test]
fn outside_every_scope_nothing_is_sealed_and_nothing_opens() {
    assert!(Owned::try_new(SECRET).unwrap_err().is_outside());
    assert!(Owned::try_for_user(SECRET).unwrap_err().is_outside());
    assert!(Owned::try_for_session(SECRET).unwrap_err().is_outside());
    let mut sealed = sealed_in(&request("ada", "a1"));
    assert!(sealed.try_open().unwrap_err().is_outside());
    assert!(sealed.try_open_mut().unwrap_err().is_outside());
    assert!(sealed.try_into_inner().unwrap_err().is_outside());
}

#[test]
fn all_ways_of_opening_look_at_the_seal() {
    let (ada, bob) = (request("ada", "a1"), request("bob", "b7"));
    let mut sealed = ada.clone().sync_scope(|| Owned::new(vec![1]));
    ada.clone().sync_scope(|| sealed.open_mut().push(2));
    bob.clone().sync_scope(|| {
        assert!(sealed.try_open().unwrap_err().is_other_owner());
        assert!(sealed.try_open_mut().unwrap_err().is_other_owner());
        assert!(sealed.clone().try_into_inner().unwrap_err().is_other_owner());
    });
    let copy = sealed.clone();
    assert_eq!(ada.clone().sync_scope(|| copy.into_inner()), [1, 2], "a clone has the same seal");
    ada.sync_scope(|| assert_eq!(sealed.open(), &[1, 2]));
}

#[test]
fn the_loud_twins_panic_at_the_callers_line_and_show_neither_value_nor_owner() {
    fn message(f: impl FnOnce() + panic::UnwindSafe) -> String {
        let panic = panic::catch_unwind(f).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    }
    let bob = request("bob", "b7");
    let sealed = sealed_in(&request("ada", "a1"));
    let messages = [
        message(|| bob.clone().sync_scope(|| _ = sealed.open())),
        message(|| bob.clone().sync_scope(|| _ = sealed.clone().open_mut())),
        message(|| bob.clone().sync_scope(|| _ = sealed.clone().into_inner())),
    ];
    for message in messages {
        assert!(message.contains("belongs to somebody else"), "{message}");
        for secret in [SECRET, "ada", "a1"] {
            assert!(!message.contains(secret), "{message}");
        }
    }
    assert!(panic::catch_unwind(|| anonymous().sync_scope(|| Owned::new(SECRET))).is_err());
    assert!(panic::catch_unwind(|| Owned::sealed_for(Owner::nobody(), SECRET)).is_err());
    assert!(
        panic::catch_unwind(|| request("ada", "").sync_scope(|| Owned::for_session(1))).is_err()
    );
    assert!(panic::catch_unwind(|| request("", "s1").sync_scope(|| Owned::for_user(1))).is_err());
}

#[test]
fn debug_prints_the_type_alone() {
    let sealed = sealed_in(&request("ada", "a1"));
    assert_eq!(format!("{sealed:?}"), "Owned<&str>");
}

#[test]
fn a_value_is_as_free_to_move_between_threads_as_it_is_unsealed() {
    fn is_free<T: Send + Sync + Unpin>() {}
    is_free::<Owned<String>>();
    is_free::<OwnedError>();
}
