//! Work that outlives its request has no authority but what a policy says in so many words.

use crate::support::Chart;
use crate::support::Lines;
use crate::support::chart;
use crate::support::of;
use crate::support::request;
use crate::support::user;
use pollster::block_on;
use request_context::RequestContext;
use request_context::access;
use request_context::access::AccessError;
use request_context::access::Action;
use request_context::access::Permit;
use request_context::access::policy::Decide;
use request_context::access::policy::Decided;
use request_context::access::policy::Policy;
use request_context::access::policy::Question;
use request_context::access::policy::RolePolicy;
use request_context::access::policy::Roles;
use request_context::access::policy::Rule;
use request_context::access::policy::Verdict;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

fn ask(context: &RequestContext, action: Action) -> Result<Permit<Chart>, AccessError> {
    block_on(context.clone().scope(async move { access::authorize(action, &chart()).await }))
}

#[test]
fn it_is_denied_everything_and_a_policy_that_allows_all_is_not_even_asked() {
    let asked = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&asked);
    let policy = Policy::new(move |_: &Question<'_>| {
        note.store(true, Ordering::Relaxed);
        Verdict::allow()
    });
    let lines = Lines::default();
    let detached = request(policy, &lines).user(user("pat")).build().detach();
    assert!(ask(&detached, Action::Read).unwrap_err().is_denied());
    assert!(!asked.load(Ordering::Relaxed));
    let record = lines.last();
    assert_eq!(record["outcome"], "denied");
    assert_eq!(record["on_behalf_of"], "pat");
}

#[test]
fn a_policy_that_says_so_decides_for_the_user_that_it_came_from() {
    struct OnBehalf;
    impl Decide for OnBehalf {
        fn decide(&self, question: &Question<'_>) -> Decided {
            assert!(question.user().is_none() && question.is_detached());
            if question.on_behalf_of() == question.owner().user_id() {
                Verdict::allow().into()
            } else {
                Verdict::deny("not theirs").into()
            }
        }

        fn decides_for_detached_work(&self) -> bool {
            true
        }
    }
    for (name, is_allowed) in [("pat", true), ("eve", false)] {
        let lines = Lines::default();
        let detached = request(Policy::new(OnBehalf), &lines).user(user(name)).build().detach();
        let permit = ask(&detached, Action::Read);
        assert_eq!(permit.is_ok(), is_allowed, "{name}");
        if let Ok(permit) = permit {
            assert!(detached.sync_scope(|| permit.resource().is_ok()));
        }
    }
}

#[test]
fn rules_hold_for_it_only_if_they_say_so_and_never_by_a_role_or_an_emergency() {
    let policy = || {
        Policy::new(
            RolePolicy::new()
                .allow(Rule::owner().on::<Chart>().to([Action::Read]))
                .allow(Rule::owner().on::<Chart>().to([Action::List]).also_detached())
                .allow(Rule::role("doctor").on::<Chart>().to([Action::List]).also_detached())
                .break_glass(Rule::user().on::<Chart>().to([Action::Delete]).also_detached()),
        )
    };
    let lines = Lines::default();
    let detached = |name| {
        let request = request(policy(), &lines).user(user(name));
        request.insert(Roles::new(["doctor"])).build().detach()
    };
    assert!(ask(&detached("pat"), Action::List).is_ok());
    assert!(ask(&detached("pat"), Action::Read).unwrap_err().is_denied());
    assert!(ask(&detached("dora"), Action::List).unwrap_err().is_denied(), "roles stay behind");
    let chart = chart();
    let asked = detached("pat").sync_scope(|| access::authorize(Action::Delete, &chart));
    let denied = block_on(asked.break_glass("an emergency").into_future()).unwrap_err();
    assert!(denied.is_denied());
}

#[test]
fn a_permit_of_the_request_does_not_hold_in_it() {
    let lines = Lines::default();
    let request = of("pat", "", &lines);
    let permit = ask(&request, Action::Read).unwrap();
    let detached = request.detach();
    assert!(request.sync_scope(|| permit.resource().is_ok()));
    assert!(detached.sync_scope(|| permit.resource().unwrap_err().is_other_owner()));
}

#[test]
fn a_permit_of_one_users_does_not_hold_in_that_of_another_of_the_same_request() {
    let lines = Lines::default();
    let rule = Rule::owner().on::<Chart>().to([Action::Read]).also_detached();
    let policy = Policy::new(RolePolicy::new().allow(rule));
    let pat = request(policy, &lines).user(user("pat")).build();
    let of_pat = pat.detach();
    let permit = ask(&of_pat, Action::Read).unwrap();
    assert!(of_pat.sync_scope(|| permit.check()).is_ok());
    let of_eve = pat.to_builder().user(user("eve")).build().detach();
    let error = of_eve.sync_scope(|| permit.check()).unwrap_err();
    assert!(error.is_other_owner(), "{error}");
}
