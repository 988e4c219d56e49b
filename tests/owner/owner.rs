//! Whose something is.

use crate::support::of_tenant;
use crate::support::request;
use request_context::RequestContext;
use request_context::owner::Owner;

/// Requests with each choice of tenant, user and session.
fn requests() -> Vec<[&'static str; 3]> {
    let some_or_none = |name: &'static str| [name, ""];
    let tenants = some_or_none("acme").into_iter();
    let pairs = tenants.flat_map(|tenant| some_or_none("ada").map(|user| (tenant, user)));
    pairs
        .flat_map(|(tenant, user)| some_or_none("a1").map(|session| [tenant, user, session]))
        .collect()
}

fn context_of([tenant, user, session]: [&str; 3]) -> RequestContext {
    let context = request(user, session);
    if tenant.is_empty() { context } else { of_tenant(tenant, &context) }
}

#[test]
fn it_has_as_many_of_tenant_user_and_session_as_the_context_has() {
    for names in requests() {
        let context = context_of(names);
        let owner = Owner::of(&context);
        let found = [
            owner.tenant_id().map_or("", |id| id.as_str()),
            owner.user_id().map_or("", |id| id.as_str()),
            owner.session_id().map_or("", |id| id.as_str()),
        ];
        assert_eq!(found, names);
        assert_eq!(owner.is_nobody(), names == [""; 3]);
        context.sync_scope(|| {
            assert_eq!(Owner::current(), owner);
            assert_eq!(Owner::try_current(), Ok(owner));
        });
    }
    assert!(Owner::try_current().is_err(), "outside every scope nobody knows");
}

#[test]
fn two_are_the_same_only_if_all_three_are() {
    for (n, one) in requests().into_iter().enumerate() {
        for (m, other) in requests().into_iter().enumerate() {
            let (one, other) = (Owner::of(&context_of(one)), Owner::of(&context_of(other)));
            assert_eq!(one == other, n == m);
        }
    }
    let named = ["acme", "ada", "a1"];
    for other in [["corp", "ada", "a1"], ["acme", "bob", "a1"], ["acme", "ada", "a2"]] {
        assert_ne!(Owner::of(&context_of(named)), Owner::of(&context_of(other)));
    }
    // A name is that of a user, a tenant or a session, and no other's.
    assert_ne!(Owner::of(&context_of(["x", "y", ""])), Owner::of(&context_of(["y", "x", ""])));
}

#[test]
fn it_is_made_by_hand_as_it_is_found() {
    let ada = Owner::user("ada".parse().unwrap());
    assert_eq!(ada, Owner::of(&context_of(["", "ada", ""])));
    let in_session = ada.clone().with_session("a1".parse().unwrap());
    assert_eq!(in_session, Owner::of(&context_of(["", "ada", "a1"])));
    assert_eq!(in_session.clone().without_session(), ada);
    let of_acme = in_session.with_tenant("acme".parse().unwrap());
    assert_eq!(of_acme, Owner::of(&context_of(["acme", "ada", "a1"])));
    assert_eq!(Owner::nobody(), Owner::of(&context_of([""; 3])));
}

#[test]
fn debug_shows_what_there_is() {
    let debug = format!("{:?}", Owner::of(&context_of(["acme", "ada", "a1"])));
    let expected = r#"Owner { tenant.id: "acme", user.id: "ada", session.id: "a1" }"#;
    assert_eq!(debug, expected);
    assert_eq!(format!("{:?}", Owner::nobody()), "Owner");
}
