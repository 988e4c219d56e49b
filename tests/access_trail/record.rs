//! What is on record of an access.

use crate::support::Chart;
use crate::support::Folder;
use crate::support::builder;
use crate::support::chart;
use crate::support::context;
use pollster::block_on;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::AuthenticatedBy;
use request_context::access::Outcome;
use request_context::access::Purpose;
use request_context::access::TraceId;
use request_context::access::trail::Trail;
use request_context::owner::TenantId;
use serde_json::Value;
use serde_json::json;
use std::panic;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn last_record(folder: &Folder) -> Value {
    serde_json::from_str(folder.lines().last().unwrap()).unwrap()
}

#[test]
fn it_says_when_who_what_whose_why_how_and_where_without_being_told() {
    let folder = Folder::new("record");
    let trail = builder().open(folder.sink()).unwrap();
    let context = RequestContext::builder()
        .request_id("r-1".parse().unwrap())
        .session("s-1".parse().unwrap())
        .user("ada".parse().unwrap())
        .insert("clinic".parse::<TenantId>().unwrap())
        .insert(AuthenticatedBy::new("passkey"))
        .insert(Purpose::new("TREAT"))
        .insert(TraceId::new(TRACE).unwrap())
        .insert(trail.clone())
        .build();
    let chart = Chart { id: "c-7".into(), patient: Some("bob".parse().unwrap()) };
    let line = line!() + 1;
    let access = context.sync_scope(|| access::record(Action::Read, &chart).count(3));
    block_on(access.into_future()).unwrap();

    let mut record = last_record(&folder);
    let time = record["time"].as_str().unwrap().to_owned();
    assert_eq!(time.len(), "2026-11-22T05:35:14.123456Z".len());
    assert!(time.ends_with('Z'), "{time}");
    for name in ["time", "prev", "hash"] {
        record.as_object_mut().unwrap().remove(name).unwrap();
    }
    let expected = json!({
        "event": "access", "outcome": "allowed", "action": "read", "resource.type": "chart",
        "resource.id": "c-7", "count": 3, "owner.user.id": "bob", "tenant.id": "clinic",
        "user.id": "ada", "session.id": "s-1", "authenticated_by": "passkey", "purpose": "TREAT",
        "request.id": "r-1", "trace.id": TRACE, "service": "records", "instance": "one",
        "source": format!("{}:{line}", file!()), "seq": 2,
    });
    assert_eq!(record, expected);
}

#[test]
fn what_is_said_about_one_access_is_on_record_too() {
    let folder = Folder::new("record");
    let trail = builder().open(folder.sink()).unwrap();
    let c = chart("c-7");
    let access = context(&trail).sync_scope(|| {
        access::decision(Outcome::Denied, Action::Other("prescribe"), &c)
            .reason("no prescriber")
            .purpose("RESEARCH")
    });
    block_on(access.into_future()).unwrap();
    let record = last_record(&folder);
    assert_eq!(record["event"], "decision");
    assert_eq!(record["outcome"], "denied");
    assert_eq!(record["action"], "prescribe");
    assert_eq!(record["reason"], "no prescriber");
    assert_eq!(record["purpose"], "RESEARCH");
}

#[test]
fn breaking_the_glass_is_an_event_of_its_own() {
    let folder = Folder::new("record");
    let trail = builder().open(folder.sink()).unwrap();
    let c = chart("c-7");
    let access = context(&trail)
        .sync_scope(|| access::break_glass(Action::Read, &c, "unconscious on arrival"));
    block_on(access.into_future()).unwrap();
    let record = last_record(&folder);
    assert_eq!(record["event"], "break-glass");
    assert_eq!(record["outcome"], "break-glass");
    assert_eq!(record["reason"], "unconscious on arrival");
}

#[test]
fn breaking_the_glass_without_a_reason_is_refused_and_on_record_as_that() {
    let folder = Folder::new("record");
    let trail = builder().open(folder.sink()).unwrap();
    let c = chart("c-7");
    for reason in ["", " ", "\t\r\n", "\u{3000}"] {
        let accesses = context(&trail).sync_scope(|| {
            [
                access::break_glass(Action::Read, &c, reason),
                access::try_break_glass(Action::Read, &c, reason).unwrap(),
                access::break_glass(Action::Read, &c, "an emergency").reason(reason),
            ]
        });
        for access in accesses {
            let error = block_on(access.into_future()).unwrap_err();
            assert!(error.is_reason_missing(), "{reason:?}: {error}");
            let record = last_record(&folder);
            assert_eq!(record["event"], "break-glass");
            assert_eq!(record["outcome"], "denied");
            assert_eq!(record["reason"], "no reason was given for breaking the glass");
        }
    }
}

#[test]
fn detached_work_names_whose_request_began_it() {
    let folder = Folder::new("record");
    let trail = builder().open(folder.sink()).unwrap();
    let c = chart("c-7");
    let detached = context(&trail).detach();
    block_on(detached.sync_scope(|| access::record(Action::Read, &c)).into_future()).unwrap();
    let record = last_record(&folder);
    assert_eq!(record["on_behalf_of"], "ada");
    assert_eq!(record.get("user.id"), None);
}

#[test]
fn without_a_trail_the_access_fails() {
    let c = chart("c-7");
    let access = RequestContext::new().sync_scope(|| access::record(Action::Read, &c));
    let error = block_on(access.into_future()).unwrap_err();
    assert!(error.is_missing(), "{error}");
}

#[test]
fn without_a_context_it_panics() {
    let caught = panic::catch_unwind(|| {
        let c = chart("c-7");
        drop(access::record(Action::Read, &c));
    });
    let payload = caught.unwrap_err();
    let text = payload.downcast_ref::<&str>().unwrap();
    assert!(text.contains("no `RequestContext` is current"), "{text}");
}

#[test]
fn each_twin_says_so_instead_and_is_on_record_at_the_callers_line() {
    let c = chart("c-7");
    assert!(access::try_record(Action::Read, &c).is_err());
    assert!(access::try_decision(Outcome::Denied, Action::Read, &c).is_err());
    assert!(access::try_break_glass(Action::Read, &c, "an emergency").is_err());
    let folder = Folder::new("record");
    let trail = builder().open(folder.sink()).unwrap();
    let context = context(&trail);
    let line = line!() + 3;
    let accesses = context.sync_scope(|| {
        [
            access::try_record(Action::Read, &c).unwrap(),
            access::try_decision(Outcome::Denied, Action::Read, &c).unwrap(),
            access::try_break_glass(Action::Read, &c, "an emergency").unwrap(),
        ]
    });
    for (access, (nth, event)) in
        accesses.into_iter().zip([(0, "access"), (1, "decision"), (2, "break-glass")])
    {
        block_on(access.into_future()).unwrap();
        let record = last_record(&folder);
        assert_eq!(record["event"], event);
        assert_eq!(record["source"], format!("{}:{}", file!(), line + nth));
    }
}

#[test]
fn an_access_that_is_not_awaited_is_not_on_record() {
    let folder = Folder::new("record");
    let trail = builder().open(folder.sink()).unwrap();
    let c = chart("c-7");
    drop(context(&trail).sync_scope(|| access::record(Action::Read, &c)).into_future());
    block_on(trail.close()).unwrap();
    assert_eq!(folder.verify().unwrap().records(), 2, "open and close");
}

#[test]
fn a_trace_id_is_32_digits_not_all_zeros() {
    assert!(TraceId::new(TRACE).is_some());
    for wrong in ["", "4bf9", &"0".repeat(32), &TRACE.to_uppercase(), &format!("{TRACE}0")] {
        assert_eq!(TraceId::new(wrong), None, "{wrong}");
    }
    let header = format!("00-{TRACE}-00f067aa0ba902b7-01");
    assert_eq!(TraceId::of_trace_parent(&header).unwrap().as_str(), TRACE);
    assert_eq!(TraceId::of_trace_parent("00-xyz-1-1"), None);
}

#[test]
fn nothing_of_a_key_or_a_record_is_printed() {
    let folder = Folder::new("record");
    let builder = builder().key(access::trail::ChainKey::new([0xAB; 32]));
    let debug = format!("{builder:?}");
    assert!(debug.contains("ChainKey(..)") && !debug.to_lowercase().contains("ab, "), "{debug}");
    let trail: Trail = builder.open(folder.sink()).unwrap();
    assert_eq!(format!("{trail:?}"), r#"Trail { service: "records", .. }"#);
}
