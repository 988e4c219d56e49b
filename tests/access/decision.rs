//! What is decided, by whom, and that it is on record.

use crate::support::Chart;
use crate::support::Lines;
use crate::support::chart;
use crate::support::of;
use crate::support::portal;
use crate::support::request;
use crate::support::user;
use pollster::block_on;
use request_context::RequestContext;
use request_context::access;
use request_context::access::AccessError;
use request_context::access::Action;
use request_context::access::Authorizing;
use request_context::access::Function;
use request_context::access::Permit;
use request_context::access::PermittedStream;
use request_context::access::policy::Decide;
use request_context::access::policy::Decided;
use request_context::access::policy::Policy;
use request_context::access::policy::Question;
use request_context::access::policy::RolePolicy;
use request_context::access::policy::Roles;
use request_context::access::policy::Rule;
use request_context::access::policy::Verdict;
use request_context::owner::TenantId;
use std::error::Error;
use std::io;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::advance;
use tokio_test::assert_pending;
use tokio_test::task;

fn ask(context: &RequestContext, action: Action) -> Result<Permit<Chart>, AccessError> {
    block_on(context.clone().scope(async move { access::authorize(action, &chart()).await }))
}

/// Answers later, as the closure does.
struct Later<F>(F);

impl<F: Fn() -> Verdict + Clone + Send + Sync + 'static> Decide for Later<F> {
    fn decide(&self, _: &Question<'_>) -> Decided {
        let answer = self.0.clone();
        Decided::later(async move { answer() })
    }
}

#[test]
fn a_permit_is_on_record_with_who_what_whose_and_where() {
    let lines = Lines::default();
    let context = of("dora", "doctor", &lines);
    let chart = chart();
    let (asked, line) =
        context.clone().sync_scope(|| (access::authorize(Action::Read, &chart).count(3), line!()));
    let permit = block_on(asked.purpose("TREAT").into_future()).unwrap();
    assert_eq!(permit.action(), Action::Read);
    assert!(!permit.is_break_glass());
    let record = lines.last();
    for (name, expected) in [
        ("event", "decision"),
        ("outcome", "allowed"),
        ("action", "read"),
        ("resource.type", "Chart"),
        ("resource.id", "c-7"),
        ("owner.user.id", "pat"),
        ("user.id", "dora"),
        ("session.id", "s-dora"),
        ("purpose", "TREAT"),
        ("request.id", context.request_id().as_str()),
        ("source", &format!("{}:{line}", file!())),
    ] {
        assert_eq!(record[name], expected, "{name}: {record}");
    }
    assert_eq!(record["count"], 3);
}

#[test]
fn what_no_rule_allows_is_denied_and_on_record() {
    let lines = Lines::default();
    for context in [
        of("eve", "", &lines),
        of("dora", "", &lines),
        of("eve", "doctor", &lines),
        request(Policy::new(portal()), &lines).insert(Roles::new(["doctor"])).build(),
        request(Policy::new(RolePolicy::new()), &lines).user(user("pat")).build(),
    ] {
        let before = lines.records().len();
        let error = ask(&context, Action::Read).unwrap_err();
        assert!(error.is_denied() && error.source().is_none(), "{error}");
        assert_eq!(lines.records().len(), before + 1);
        assert_eq!(lines.last()["outcome"], "denied");
        assert_eq!(lines.last()["reason"], error.reason().unwrap());
    }
}

#[test]
fn an_action_that_the_rule_does_not_name_is_denied() {
    let lines = Lines::default();
    assert!(ask(&of("pat", "", &lines), Action::Read).is_ok());
    assert!(ask(&of("pat", "", &lines), Action::Update).unwrap_err().is_denied());
    assert!(ask(&of("dora", "doctor", &lines), Action::Update).is_ok());
    assert!(ask(&of("dora", "doctor", &lines), Action::Delete).unwrap_err().is_denied());
}

#[test]
fn what_is_of_another_tenant_is_denied_whatever_the_role() {
    let lines = Lines::default();
    let clinic = |name: &str| name.parse::<TenantId>().unwrap();
    let chart = Chart { tenant: Some(clinic("north")), ..chart() };
    let rule = || Rule::role("doctor").on::<Chart>().to([Action::Read]);
    let policy = Policy::new(RolePolicy::new().allow(rule()));
    for (tenant, is_allowed) in [(Some("north"), true), (Some("south"), false), (None, false)] {
        let mut context = request(policy.clone(), &lines).user(user("dora"));
        context = context.insert(Roles::new(["doctor"]));
        if let Some(tenant) = tenant {
            context = context.insert(clinic(tenant));
        }
        let asked = context.build().sync_scope(|| access::authorize(Action::Read, &chart));
        assert_eq!(block_on(asked.into_future()).is_ok(), is_allowed, "{tenant:?}");
    }
}

#[test]
fn an_error_of_the_policy_is_a_denial_and_on_record_without_its_text() {
    let fail = || Verdict::failed(io::Error::other("secret detail"));
    for policy in [Policy::new(move |_: &Question<'_>| fail()), Policy::new(Later(fail))] {
        let lines = Lines::default();
        let context = request(policy, &lines).user(user("dora")).build();
        let error = ask(&context, Action::Read).unwrap_err();
        assert!(error.is_policy_failed() && !error.is_denied(), "{error}");
        assert_eq!(error.source().unwrap().to_string(), "secret detail");
        let record = lines.last();
        assert_eq!((&record["event"], &record["outcome"]), (&"decision".into(), &"error".into()));
        assert!(!record.to_string().contains("secret"), "{record}");
    }
}

#[test]
fn a_policy_that_panics_denies_and_is_on_record() {
    fn boom() -> Verdict {
        panic!("no policy after all")
    }
    for policy in [Policy::new(|_: &Question<'_>| boom()), Policy::new(Later(boom))] {
        let lines = Lines::default();
        let context = request(policy, &lines).user(user("dora")).build();
        let error = ask(&context, Action::Read).unwrap_err();
        assert!(error.is_policy_failed(), "{error}");
        assert_eq!(lines.last()["outcome"], "error");
    }
}

/// Never answers.
struct Hangs;

impl Decide for Hangs {
    fn decide(&self, _: &Question<'_>) -> Decided {
        Decided::later(std::future::pending())
    }
}

fn asked_in(context: RequestContext) -> Authorizing<Chart> {
    context.sync_scope(|| access::authorize(Action::Read, &chart()).into_future())
}

/// Asks a policy that hangs, and sees that no answer comes before that time, and one does then.
async fn is_refused_after(limit: Duration, policy: Policy, lines: &Lines) -> AccessError {
    let context = request(policy, lines).user(user("pat")).build();
    let mut asked = task::spawn(asked_in(context));
    assert_pending!(asked.poll());
    advance(limit - Duration::from_millis(1)).await;
    assert!(!asked.is_woken(), "too early");
    advance(Duration::from_millis(2)).await;
    assert!(asked.is_woken());
    // From then on a thread is waited for, which has no clock.
    block_on(asked.into_inner()).unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_hangs_denies_after_a_few_seconds_and_is_on_record() {
    let lines = Lines::default();
    let error = is_refused_after(Duration::from_secs(5), Policy::new(Hangs), &lines).await;
    assert!(error.is_policy_failed() && !error.is_denied(), "{error}");
    assert!(error.source().unwrap().to_string().contains("did not answer"), "{error:?}");
    assert_eq!(lines.last()["outcome"], "error");
    assert_eq!(lines.last()["reason"], "the policy did not answer in time");
}

#[tokio::test(start_paused = true)]
async fn a_policy_may_take_as_long_as_is_said() {
    const HOUR: Duration = Duration::from_secs(3600);
    let lines = Lines::default();
    let error = is_refused_after(HOUR, Policy::new(Hangs).timeout(HOUR), &lines).await;
    assert!(error.is_policy_failed(), "{error}");

    let patient = Policy::new(Hangs).timeout(Duration::MAX);
    let context = request(patient, &lines).user(user("pat")).build();
    let mut asked = task::spawn(asked_in(context));
    assert_pending!(asked.poll());
    advance(1000 * HOUR).await;
    assert!(!asked.is_woken());
    assert_pending!(asked.poll());
}

#[test]
fn a_later_answer_counts_as_one_at_once() {
    for (verdict, is_allowed) in [(Verdict::allow(), true), (Verdict::deny("closed"), false)] {
        let lines = Lines::default();
        let policy = Policy::new(Later(move || verdict.clone()));
        let context = request(policy, &lines).user(user("dora")).build();
        assert_eq!(ask(&context, Action::Read).is_ok(), is_allowed);
        assert_eq!(lines.records().len(), 1);
        assert_eq!(lines.last()["outcome"], if is_allowed { "allowed" } else { "denied" });
    }
}

#[test]
fn without_a_policy_nothing_is_allowed_and_the_error_names_the_mend() {
    let lines = Lines::default();
    let context = RequestContext::builder().user(user("pat")).insert(lines.trail()).build();
    let error = ask(&context, Action::Read).unwrap_err();
    assert!(error.is_policy_missing(), "{error}");
    assert!(error.to_string().contains("insert a `Policy`"), "{error}");
    assert_eq!(lines.last()["outcome"], "error");
}

#[test]
fn without_a_trail_nothing_is_allowed_unless_that_was_chosen() {
    let context =
        |policy: Policy| RequestContext::builder().user(user("pat")).insert(policy).build();
    let error = ask(&context(Policy::new(portal())), Action::Read).unwrap_err();
    assert!(error.is_trail_failed(), "{error}");
    assert!(error.source().unwrap().to_string().contains("insert a `Trail`"), "{error:?}");
    let chosen = context(Policy::new(portal()).without_trail());
    assert!(ask(&chosen, Action::Read).is_ok());
    assert!(ask(&chosen, Action::Delete).unwrap_err().is_denied());
}

#[test]
fn what_cannot_be_put_on_record_is_not_allowed_also_where_no_trail_was_chosen() {
    let lines = Lines::default();
    let trail = lines.trail();
    block_on(trail.close()).unwrap();
    let policy = Policy::new(portal()).without_trail();
    let context = RequestContext::builder().user(user("pat")).insert(policy).insert(trail).build();
    let error = ask(&context, Action::Read).unwrap_err();
    assert!(error.is_trail_failed(), "{error}");
}

#[test]
fn a_decision_is_on_record_before_the_permit_is_there() {
    let lines = Lines::default();
    let context = of("pat", "", &lines);
    assert!(ask(&context, Action::Read).is_ok());
    assert_eq!(lines.records().len(), 1, "not later");
}

#[test]
fn what_is_not_awaited_asks_nobody() {
    let asked = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&asked);
    let policy = Policy::new(move |_: &Question<'_>| {
        note.store(true, Ordering::Relaxed);
        Verdict::allow()
    });
    let lines = Lines::default();
    let context = request(policy, &lines).user(user("pat")).build();
    context.sync_scope(|| drop(access::authorize(Action::Read, &chart())));
    assert!(!asked.load(Ordering::Relaxed) && lines.records().is_empty());
}

#[test]
fn a_function_is_allowed_by_its_name_alone() {
    const EXPORT: Action = Action::Other("export");
    const PURGE: Action = Action::Other("purge");
    let lines = Lines::default();
    let rule = Rule::role("admin").on::<Function>().to([EXPORT]);
    let policy = Policy::new(RolePolicy::new().allow(rule));
    let context = request(policy, &lines).user(user("ada")).insert(Roles::new(["admin"])).build();
    block_on(context.scope(async {
        let permit = access::authorize_function(EXPORT).await.unwrap();
        assert_eq!(permit.resource_to(EXPORT).unwrap().action(), EXPORT);
        assert!(permit.resource_to(PURGE).unwrap_err().is_other_action());
        assert_eq!(lines.last()["resource.id"], "export");
        assert!(access::authorize_function(PURGE).await.unwrap_err().is_denied());
        // The action alone is not enough where there is a resource.
        assert!(access::authorize(EXPORT, &chart()).await.unwrap_err().is_denied());
    }));
}

#[test]
fn outside_a_scope_it_panics_and_its_twin_does_not() {
    let caught = panic::catch_unwind(|| drop(access::authorize(Action::Read, &chart())));
    let payload = caught.unwrap_err();
    assert!(payload.downcast_ref::<&str>().unwrap().contains("no `RequestContext` is current"));
    assert!(panic::catch_unwind(|| drop(access::authorize_function(Action::Read))).is_err());
    assert!(access::try_authorize(Action::Read, &chart()).is_err());
    assert!(access::try_authorize_function(Action::Read).is_err());
}

#[test]
fn a_rule_that_does_not_name_actions_or_resource_allows_nothing() {
    for rule in [Rule::user(), Rule::user().on::<Chart>(), Rule::user().to([Action::Read])] {
        let lines = Lines::default();
        let policy = Policy::new(RolePolicy::new().allow(rule));
        let context = request(policy, &lines).user(user("pat")).build();
        assert!(ask(&context, Action::Read).unwrap_err().is_denied());
    }
}

#[test]
fn permits_go_where_tasks_go_and_print_no_resource() {
    fn is_send_and_sync<T: Send + Sync>() {}
    fn is_send<T: Send>() {}
    fn is_unpin<T: Unpin>() {}
    is_send_and_sync::<Permit<Chart>>();
    is_send_and_sync::<AccessError>();
    is_send_and_sync::<Policy>();
    is_send::<Authorizing<Chart>>();
    is_send::<PermittedStream<futures::stream::Empty<u8>, Chart>>();
    is_unpin::<PermittedStream<futures::stream::Empty<u8>, Chart>>();
    let lines = Lines::default();
    let permit = ask(&of("pat", "", &lines), Action::Read).unwrap();
    // No request ID has such a text in it.
    assert!(!format!("{permit:?}").contains("dora"), "{permit:?}");
}
