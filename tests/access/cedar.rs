//! Policies in Cedar: valid by their schema, and one that fails denies.

use crate::support::Chart;
use crate::support::Lines;
use crate::support::chart;
use crate::support::request;
use crate::support::user;
use cedar_policy::Authorizer;
use cedar_policy::Context;
use cedar_policy::Decision;
use cedar_policy::Entities;
use cedar_policy::PolicySet;
use cedar_policy::Request;
use pollster::block_on;
use request_context::RequestContext;
use request_context::access;
use request_context::access::AccessError;
use request_context::access::Action;
use request_context::access::Permit;
use request_context::access::policy::CedarPolicy;
use request_context::access::policy::Policy;
use request_context::access::policy::Roles;
use request_context::owner::TenantId;
use std::error::Error;

const SCHEMA: &str = r#"
    entity Role;
    entity User in [Role] = { clearance: Long };
    entity Chart = { patient: User, doctor: User, level: Long };
    action read, update appliesTo { principal: User, resource: Chart };
    action "break-glass:read" appliesTo { principal: User, resource: Chart };
"#;

const POLICIES: &str = r#"
    permit (principal, action == Action::"read", resource) when { resource.patient == principal };
    permit (principal in Role::"doctor", action in [Action::"read", Action::"update"], resource)
    when { resource.doctor == principal };
    permit (principal in Role::"nurse", action == Action::"break-glass:read", resource);
"#;

fn cedar(policies: &str) -> CedarPolicy {
    CedarPolicy::new(SCHEMA, policies)
        .unwrap()
        .users(|_, attributes| {
            attributes.number("clearance", 3);
        })
        .resources(|chart: &Chart, attributes| {
            attributes.user("patient", &chart.patient).user("doctor", &chart.doctor);
            attributes.number("level", 2);
        })
}

fn context(policy: CedarPolicy, name: &str, role: &'static str, lines: &Lines) -> RequestContext {
    let request = request(Policy::new(policy), lines).user(user(name));
    request.insert(Roles::new([role])).build()
}

fn ask(context: &RequestContext, action: Action) -> Result<Permit<Chart>, AccessError> {
    block_on(context.clone().scope(async move { access::authorize(action, &chart()).await }))
}

#[test]
fn the_portal_in_cedar_allows_what_the_rules_do() {
    let table: [(&str, &str, &[Action]); 4] = [
        ("pat", "patient", &[Action::Read]),
        ("dora", "doctor", &[Action::Read, Action::Update]),
        ("dan", "doctor", &[]),
        ("nora", "nurse", &[]),
    ];
    let lines = Lines::default();
    for (name, role, allowed) in table {
        let context = context(cedar(POLICIES), name, role, &lines);
        for action in [Action::Read, Action::Update] {
            let answer = ask(&context, action);
            assert_eq!(answer.is_ok(), allowed.contains(&action), "{name}: {action}");
            assert!(answer.map_or_else(|error| error.is_denied(), |_| true), "a decision");
        }
    }
    assert!(ask(&context(cedar(POLICIES), "pat", "patient", &lines), Action::Read).is_ok());
    assert_eq!(lines.last()["reason"], "by policy0");
}

#[test]
fn a_nurse_breaks_the_glass_by_a_policy_for_that_and_nobody_else_does() {
    let lines = Lines::default();
    let chart = chart();
    for (name, role, action, is_allowed) in [
        ("nora", "nurse", Action::Read, true),
        ("eve", "patient", Action::Read, false),
        // The schema has no such action for emergencies.
        ("nora", "nurse", Action::Update, false),
    ] {
        let context = context(cedar(POLICIES), name, role, &lines);
        let asked = context.sync_scope(|| access::authorize(action, &chart));
        let answer = block_on(asked.break_glass("unconscious").into_future());
        assert_eq!(answer.as_ref().is_ok_and(Permit::is_break_glass), is_allowed);
        assert!(answer.map_or_else(|error| error.is_denied(), |_| true), "a decision");
        assert_eq!(lines.last()["event"], "break-glass");
    }
}

#[test]
fn what_is_for_emergencies_is_not_had_by_its_name() {
    let lines = Lines::default();
    let nurse = context(cedar(POLICIES), "nora", "nurse", &lines);
    let chart = chart();
    for emergency in ["", "unconscious"] {
        let action = Action::Other("break-glass:read");
        let asked = nurse.clone().sync_scope(|| access::authorize(action, &chart));
        let error = block_on(asked.break_glass(emergency).into_future()).unwrap_err();
        assert!(error.is_denied(), "{error}");
    }
}

/// Passes strict validation and fails when it is evaluated: the product overflows.
const FAILING_FORBID: &str = r#"
    permit (principal, action, resource);
    forbid (principal, action, resource)
    when { resource.level * 9223372036854775807 > principal.clearance };
"#;

#[test]
fn an_erroring_forbid_which_cedar_itself_skips_and_allows_is_a_denial_here_and_on_record() {
    // What the crate itself answers.
    let uid = |text: &str| text.parse().unwrap();
    let entities = r#"[
        {"uid": {"type": "User", "id": "pat"}, "attrs": {"clearance": 3}, "parents": []},
        {"uid": {"type": "Chart", "id": "c-7"}, "attrs": {"level": 2}, "parents": []}
    ]"#;
    let entities = Entities::from_json_str(entities, None).unwrap();
    let asked = Request::new(
        uid(r#"User::"pat""#),
        uid(r#"Action::"read""#),
        uid(r#"Chart::"c-7""#),
        Context::empty(),
        None,
    );
    let policies: PolicySet = FAILING_FORBID.parse().unwrap();
    let response = Authorizer::new().is_authorized(&asked.unwrap(), &policies, &entities);
    assert_eq!(response.decision(), Decision::Allow, "it skips the policy that fails");
    assert_eq!(response.diagnostics().errors().count(), 1);

    let lines = Lines::default();
    let error = ask(&context(cedar(FAILING_FORBID), "pat", "x", &lines), Action::Read).unwrap_err();
    assert!(error.is_policy_failed(), "{error}");
    assert!(error.source().unwrap().to_string().contains("overflow"), "{error:?}");
    let record = lines.last();
    assert_eq!(record["outcome"], "error");
    assert_eq!(record["reason"], "a policy failed");
}

#[test]
fn a_failing_policy_denies_also_where_another_one_allows_or_in_an_emergency() {
    let policies = r#"
        permit (principal, action == Action::"break-glass:read", resource)
        when { resource.level * 9223372036854775807 > 0 };
        permit (principal, action == Action::"break-glass:read", resource);
    "#;
    let lines = Lines::default();
    let chart = chart();
    let context = context(cedar(policies), "nora", "nurse", &lines);
    let asked = context.sync_scope(|| access::authorize(Action::Read, &chart));
    let error = block_on(asked.break_glass("unconscious").into_future()).unwrap_err();
    assert!(error.is_policy_failed(), "{error}");
}

#[test]
fn policies_that_do_not_pass_the_schema_are_not_taken() {
    for (policies, what) in [
        (r#"permit (principal, action, resource) when { resource.pateint == principal };"#, "typo"),
        (r#"permit (principal, action == Action::"raed", resource);"#, "no such action"),
        (r#"permit (principal == Patient::"pat", action, resource);"#, "no such type"),
        (r#"permit (principal, action, resource) when { resource.level == "2" };"#, "types"),
        // Only in strict mode.
        (r#"permit (principal, action, resource) when { [1, "a"].contains(1) };"#, "strict"),
    ] {
        let error = CedarPolicy::new(SCHEMA, policies).unwrap_err();
        assert!(error.is_validation() && error.source().is_some(), "{what}: {error}");
    }
    assert!(CedarPolicy::new(SCHEMA, "permit (principal").unwrap_err().is_policies());
    assert!(CedarPolicy::new("entity", POLICIES).unwrap_err().is_schema());
}

#[test]
fn a_resource_that_lacks_what_the_schema_declares_is_denied_and_on_record() {
    let policy = CedarPolicy::new(SCHEMA, "permit (principal, action, resource);").unwrap();
    let lines = Lines::default();
    let error = ask(&context(policy, "pat", "patient", &lines), Action::Read).unwrap_err();
    assert!(error.is_policy_failed(), "{error}");
    assert_eq!(lines.last()["outcome"], "error");
    // An action that the schema does not declare.
    let context = context(cedar("permit (principal, action, resource);"), "pat", "x", &lines);
    assert!(ask(&context, Action::Read).is_ok());
    assert!(ask(&context, Action::Delete).unwrap_err().is_policy_failed());
}

#[test]
fn nobody_another_tenant_and_detached_work_are_denied_without_asking() {
    let all = || cedar("permit (principal, action, resource);");
    let lines = Lines::default();
    let anonymous = request(Policy::new(all()), &lines).build();
    assert!(ask(&anonymous, Action::Read).unwrap_err().is_denied());
    assert!(
        ask(&context(all(), "pat", "x", &lines).detach(), Action::Read).unwrap_err().is_denied()
    );
    let tenant = |name: &str| Some(name.parse::<TenantId>().unwrap());
    let chart = Chart { tenant: tenant("north"), ..chart() };
    let south = context(all(), "pat", "x", &lines).to_builder().insert(tenant("south").unwrap());
    let asked = south.build().sync_scope(|| access::authorize(Action::Read, &chart));
    assert!(block_on(asked.into_future()).unwrap_err().is_denied());
}
