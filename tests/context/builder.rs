//! A context of given parts, and contexts derived from others.

use request_context::ContextValue;
use request_context::RequestContext;

#[derive(Debug, PartialEq)]
struct Tenant(u32);
impl ContextValue for Tenant {}

#[derive(Debug, PartialEq)]
struct Locale(&'static str);
impl ContextValue for Locale {}

struct Absent;
impl ContextValue for Absent {}

fn full() -> RequestContext {
    RequestContext::builder()
        .request_id("request-1".parse().unwrap())
        .session("session-1".parse().unwrap())
        .user("ada".parse().unwrap())
        .insert(Tenant(7))
        .insert(Locale("de"))
        .build()
}

#[test]
fn a_new_context_has_a_fresh_request_id_and_nothing_else() {
    let (one, other) = (RequestContext::new(), RequestContext::new());
    assert_ne!(one.request_id(), other.request_id());
    assert_eq!(one.request_id().as_str().len(), 36);
    assert!(one.session().is_none() && one.user().is_none() && one.on_behalf_of().is_none());
    assert!(one.get::<Tenant>().is_none());
}

#[test]
fn a_builder_gives_back_what_it_was_given() {
    let context = full();
    assert_eq!(context.request_id().as_str(), "request-1");
    assert_eq!(context.session().unwrap().as_str(), "session-1");
    assert_eq!(context.user().unwrap().as_str(), "ada");
    assert_eq!(context.get(), Some(&Tenant(7)));
    assert_eq!(context.get(), Some(&Locale("de")));
    assert!(context.get::<Absent>().is_none());
    assert!(context.on_behalf_of().is_none());
}

#[test]
fn a_builder_without_a_request_id_makes_a_fresh_one_each_time() {
    let ids = [(); 2].map(|()| RequestContext::builder().build().request_id().clone());
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[0].as_str().len(), 36);
}

#[test]
fn what_is_set_twice_is_what_was_set_last() {
    let context = RequestContext::builder()
        .request_id("one".parse().unwrap())
        .request_id("two".parse().unwrap())
        .user("ada".parse().unwrap())
        .user("bob".parse().unwrap())
        .session("s1".parse().unwrap())
        .session("s2".parse().unwrap())
        .build();
    assert_eq!(context.request_id().as_str(), "two");
    assert_eq!(context.user().unwrap().as_str(), "bob");
    assert_eq!(context.session().unwrap().as_str(), "s2");
}

#[test]
fn a_value_takes_the_place_of_one_of_the_same_type_only() {
    let context =
        RequestContext::builder().insert(Tenant(1)).insert(Locale("en")).insert(Tenant(2)).build();
    assert_eq!(context.get(), Some(&Tenant(2)));
    assert_eq!(context.get(), Some(&Locale("en")));
    assert_eq!(format!("{context:?}").matches("Tenant").count(), 1);
}

#[test]
fn a_derived_context_keeps_everything_the_request_id_too() {
    let derived = full().to_builder().build();
    assert_eq!(format!("{derived:?}"), format!("{:?}", full()));
    assert_eq!(derived.get(), Some(&Tenant(7)));
    assert_eq!(derived.get(), Some(&Locale("de")));
}

#[test]
fn a_derived_context_replaces_what_it_is_told_and_leaves_the_first_as_it_was() {
    let first = full();
    let derived = first.to_builder().user("bob".parse().unwrap()).insert(Tenant(8)).build();
    assert_eq!(derived.user().unwrap().as_str(), "bob");
    assert_eq!(derived.get(), Some(&Tenant(8)));
    assert_eq!(derived.request_id(), first.request_id());
    assert_eq!(derived.session(), first.session());
    assert_eq!(derived.get(), Some(&Locale("de")));
    assert_eq!(first.user().unwrap().as_str(), "ada");
    assert_eq!(first.get(), Some(&Tenant(7)));

    let renamed = first.to_builder().request_id("request-2".parse().unwrap()).build();
    assert_eq!(renamed.request_id().as_str(), "request-2");
    assert_eq!(renamed.user(), first.user());
}

#[test]
fn a_clone_is_the_same_context() {
    let context = full();
    let clone = context.clone();
    assert!(std::ptr::eq(context.request_id(), clone.request_id()));
    assert!(std::ptr::eq(context.get::<Tenant>().unwrap(), clone.get::<Tenant>().unwrap()));
}

#[test]
fn a_derived_context_shares_the_values_it_keeps() {
    let context = full();
    let derived = context.to_builder().insert(Tenant(8)).build();
    let locales = [&context, &derived].map(|context| context.get::<Locale>().unwrap());
    assert!(std::ptr::eq(locales[0], locales[1]));
}

#[test]
fn entering_does_not_change_a_context() {
    let context = full();
    let seen = context.clone().sync_scope(RequestContext::current);
    assert!(std::ptr::eq(context.request_id(), seen.request_id()));
}
