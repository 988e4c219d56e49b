//! Emergencies: who may take what they may not, and that it is an event of its own.

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
use request_context::access::policy::Policy;
use request_context::access::policy::Question;
use request_context::access::policy::Verdict;

const REASON: &str = "unconscious on arrival";

fn in_emergency(context: &RequestContext) -> Result<Permit<Chart>, AccessError> {
    let chart = chart();
    let asked = context.clone().sync_scope(|| access::authorize(Action::Read, &chart));
    block_on(asked.break_glass(REASON).into_future())
}

#[test]
fn a_nurse_reads_in_an_emergency_alone_and_decision_and_access_say_so() {
    let lines = Lines::default();
    let nurse = of("nora", "nurse", &lines);
    let chart = chart();
    let asked = nurse.clone().sync_scope(|| access::authorize(Action::Read, &chart));
    assert!(block_on(asked.into_future()).unwrap_err().is_denied());

    let permit = in_emergency(&nurse).unwrap();
    assert!(permit.is_break_glass());
    let record = lines.last();
    assert_eq!(record["event"], "break-glass");
    assert_eq!(record["outcome"], "break-glass");
    assert_eq!(record["reason"], REASON);

    block_on(nurse.sync_scope(|| permit.record().unwrap()).into_future()).unwrap();
    let record = lines.last();
    assert_eq!((&record["event"], &record["outcome"]), (&"access".into(), &"break-glass".into()));
}

#[test]
fn an_emergency_named_in_vain_is_denied_and_to_be_reviewed() {
    let lines = Lines::default();
    assert!(in_emergency(&of("eve", "", &lines)).unwrap_err().is_denied());
    let record = lines.last();
    assert_eq!((&record["event"], &record["outcome"]), (&"break-glass".into(), &"denied".into()));
    assert_eq!(record["reason"], "no rule allows it; the emergency: unconscious on arrival");
}

#[test]
fn an_emergency_that_was_not_needed_is_a_decision_like_any_other() {
    let lines = Lines::default();
    assert!(!in_emergency(&of("dora", "doctor", &lines)).unwrap().is_break_glass());
    let record = lines.last();
    assert_eq!((&record["event"], &record["outcome"]), (&"decision".into(), &"allowed".into()));
}

#[test]
fn a_policy_that_breaks_the_glass_where_nobody_asked_for_it_denies() {
    let lines = Lines::default();
    let policy = Policy::new(|_: &Question<'_>| Verdict::break_glass());
    let context = request(policy, &lines).user(user("nora")).build();
    let chart = chart();
    let asked = context.clone().sync_scope(|| access::authorize(Action::Read, &chart));
    assert!(block_on(asked.into_future()).unwrap_err().is_denied());
    assert!(in_emergency(&context).is_ok());
}

#[test]
fn an_emergency_without_a_reason_is_none() {
    let lines = Lines::default();
    let nurse = of("nora", "nurse", &lines);
    let chart = chart();
    for reason in ["", " ", "\t\r\n", "\u{3000}"] {
        let asked = nurse.clone().sync_scope(|| access::authorize(Action::Read, &chart));
        let error = block_on(asked.break_glass(reason).into_future()).unwrap_err();
        assert!(error.is_denied(), "{reason:?}: {error}");
        assert_eq!(lines.last()["outcome"], "denied");
    }
}

#[test]
fn a_recheck_asks_for_the_same_emergency() {
    let lines = Lines::default();
    let nurse = of("nora", "nurse", &lines);
    let permit = in_emergency(&nurse).unwrap();
    block_on(nurse.sync_scope(|| permit.recheck())).unwrap();
    assert_eq!(lines.records().len(), 2);
    assert_eq!(lines.last()["reason"], REASON);
}
