//! How far each value goes, by the type it is of.

use futures::stream;
use http_body_util::Empty;
use request_context::BodyInContext;
use request_context::ContextBodyExt;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::ContextValue;
use request_context::Reach;
use request_context::RequestContext;
use request_context::StreamInContext;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;

struct Transaction;
impl ContextValue for Transaction {
    const REACH: Reach = Reach::Scope;
}

struct Tenant;
impl ContextValue for Tenant {}

struct Locale;
impl ContextValue for Locale {
    const REACH: Reach = Reach::Beyond;
}

/// Which of the three are there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Here {
    All,
    TwoWithoutTheTransaction,
    OnlyTheLocale,
}

fn within(context: &RequestContext) -> Here {
    match (
        context.get::<Transaction>().is_some(),
        context.get::<Tenant>().is_some(),
        context.get::<Locale>().is_some(),
    ) {
        (true, true, true) => Here::All,
        (false, true, true) => Here::TwoWithoutTheTransaction,
        (false, false, true) => Here::OnlyTheLocale,
        other => panic!("no such case: {other:?}"),
    }
}

fn here() -> Here {
    within(&RequestContext::current())
}

fn request() -> RequestContext {
    RequestContext::builder()
        .session("session-1".parse().unwrap())
        .user("ada".parse().unwrap())
        .insert(Transaction)
        .insert(Tenant)
        .insert(Locale)
        .build()
}

fn finish<F: Future>(future: F) -> F::Output {
    futures::executor::block_on(future)
}

#[test]
fn values_reach_child_work_unless_their_type_says_otherwise() {
    assert_eq!(Tenant::REACH, Reach::Children);
    assert!(Reach::Scope < Reach::Children && Reach::Children < Reach::Beyond);
}

#[test]
fn what_is_given_the_context_explicitly_has_all_of_it() {
    let request = request();
    assert_eq!(request.clone().sync_scope(here), Here::All);
    assert_eq!(finish(request.clone().scope(async { here() })), Here::All);
    assert_eq!(finish(async { here() }.in_context(request.clone())), Here::All);
    let stream = stream::empty::<()>().in_context(request.clone());
    assert_eq!(within(stream.context()), Here::All);
    assert_eq!(within(StreamInContext::new(request.clone(), ()).context()), Here::All);
    let body = Empty::<bytes::Bytes>::new().in_context(request.clone());
    assert_eq!(within(body.context().unwrap()), Here::All);
    assert_eq!(within(BodyInContext::new(request, ()).context().unwrap()), Here::All);
}

#[test]
fn what_is_carried_leaves_behind_what_stays_in_its_scope() {
    let expected = Here::TwoWithoutTheTransaction;
    request().sync_scope(|| {
        assert_eq!(carry(here)(), expected);
        assert_eq!(carry_mut(|()| here())(()), expected);
        assert_eq!(carry_fn(|()| here())(()), expected);
        assert_eq!(finish(async { here() }.in_current_context()), expected);
        let stream = ContextStreamExt::in_current_context(stream::empty::<()>());
        assert_eq!(within(stream.context()), expected);
        let body = ContextBodyExt::in_current_context(Empty::<bytes::Bytes>::new());
        assert_eq!(within(body.context().unwrap()), expected);
        let default = BodyInContext::<()>::default();
        assert_eq!(within(default.context().unwrap()), expected);
        assert_eq!(here(), Here::All, "this scope still has it");
    });
}

#[test]
fn what_is_carried_keeps_the_request_the_session_and_the_user() {
    let request = request();
    let carried = request.clone().sync_scope(|| carry(RequestContext::current)());
    assert_eq!(carried.request_id(), request.request_id());
    assert_eq!(carried.session(), request.session());
    assert_eq!(carried.user(), request.user());
    assert!(carried.on_behalf_of().is_none());
}

#[test]
fn what_is_carried_without_anything_to_leave_behind_is_the_same_context() {
    let request = RequestContext::builder().insert(Tenant).insert(Locale).build();
    let carried = request.clone().sync_scope(|| carry(RequestContext::current)());
    assert!(std::ptr::eq(request.request_id(), carried.request_id()), "no copy is made");
}

#[test]
fn only_what_reaches_beyond_is_in_detached_work() {
    assert_eq!(within(&request().detach()), Here::OnlyTheLocale);
    assert_eq!(within(&request().detach().detach()), Here::OnlyTheLocale);
    let carried = request().sync_scope(|| carry(RequestContext::current)());
    assert_eq!(within(&carried.detach()), Here::OnlyTheLocale);
}

#[test]
fn a_derived_context_has_all_of_it() {
    assert_eq!(within(&request().to_builder().build()), Here::All);
}

#[test]
fn child_work_of_child_work_has_what_child_work_has() {
    let twice = request().sync_scope(|| carry(|| carry(here)())());
    assert_eq!(twice, Here::TwoWithoutTheTransaction);
}
