//! What is left of a context in work that outlives its request.

use request_context::RequestContext;

fn request() -> RequestContext {
    RequestContext::builder()
        .request_id("request-1".parse().unwrap())
        .session("session-1".parse().unwrap())
        .user("ada".parse().unwrap())
        .build()
}

#[test]
fn a_detached_context_keeps_the_request_id_and_leaves_session_and_user_behind() {
    let detached = request().detach();
    assert_eq!(detached.request_id().as_str(), "request-1");
    assert!(detached.session().is_none());
    assert!(detached.user().is_none());
    assert!(detached.require_session().is_err());
    assert!(detached.require_user().is_err());
}

#[test]
fn a_detached_context_names_the_user_it_came_from() {
    assert_eq!(request().detach().on_behalf_of().unwrap().as_str(), "ada");
    assert!(request().on_behalf_of().is_none(), "only detached work is on behalf of someone");
    assert!(RequestContext::new().detach().on_behalf_of().is_none(), "nobody is named");
}

#[test]
fn detached_twice_the_user_is_still_named() {
    let twice = request().detach().detach();
    assert_eq!(twice.on_behalf_of().unwrap().as_str(), "ada");
    assert!(twice.user().is_none());
    assert_eq!(twice.request_id().as_str(), "request-1");
}

#[test]
fn derived_from_a_detached_context_the_user_is_still_named() {
    let derived = request().detach().to_builder().build();
    assert_eq!(derived.on_behalf_of().unwrap().as_str(), "ada");
    assert!(derived.user().is_none() && derived.session().is_none());
}

#[test]
fn detached_work_that_acts_for_another_user_and_detaches_again_names_that_one() {
    let acting = request().detach().to_builder().user("bob".parse().unwrap()).build();
    assert_eq!(acting.user().unwrap().as_str(), "bob");
    assert_eq!(acting.on_behalf_of().unwrap().as_str(), "ada");
    assert_eq!(acting.detach().on_behalf_of().unwrap().as_str(), "bob");
}

#[test]
fn detaching_leaves_the_request_as_it_was() {
    let request = request();
    let _detached = request.detach();
    assert_eq!(request.user().unwrap().as_str(), "ada");
    assert_eq!(request.session().unwrap().as_str(), "session-1");
}

#[test]
fn a_detached_context_can_be_entered_like_any_other() {
    let seen = request().detach().sync_scope(|| {
        let current = RequestContext::current();
        (current.request_id().to_string(), current.user().is_none())
    });
    assert_eq!(seen, ("request-1".into(), true));
}
