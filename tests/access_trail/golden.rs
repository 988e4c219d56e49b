//! Each encoding, to the letter.

use crate::sink::Told;
use crate::support::Chart;
use crate::support::Folder;
use pollster::block_on;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Access;
use request_context::access::Action;
use request_context::access::AuthenticatedBy;
use request_context::access::Outcome;
use request_context::access::Purpose;
use request_context::access::TraceId;
use request_context::access::trail::Encoding;
use request_context::access::trail::Trail;
use request_context::owner::TenantId;
use serde_json::Value;
use std::time::Duration;
use std::time::UNIX_EPOCH;

fn context(trail: &Trail) -> RequestContext {
    RequestContext::builder()
        .request_id("r-1".parse().unwrap())
        .session("s-1".parse().unwrap())
        .user("ada".parse().unwrap())
        .insert("clinic".parse::<TenantId>().unwrap())
        .insert(AuthenticatedBy::new("passkey"))
        .insert(Purpose::new("TREAT"))
        .insert(TraceId::new("4bf92f3577b34da6a3ce929d0e0e4736").unwrap())
        .insert(trail.clone())
        .build()
}

/// The records of a trail with these accesses, without what differs: hashes and the source line.
pub(crate) fn lines(encoding: Encoding, accesses: &[&dyn Fn(&Chart) -> Access<'_>]) -> Vec<String> {
    let folder = Folder::new("golden");
    let clock = || UNIX_EPOCH + Duration::from_micros(1_795_325_714_123_456);
    let builder = Trail::builder("records").instance("one").encoding(encoding).clock(clock);
    let trail = builder.open(folder.sink()).unwrap();
    let chart = Chart { id: "c-7".into(), patient: Some("bob".parse().unwrap()) };
    for access in accesses {
        block_on(context(&trail).sync_scope(|| access(&chart)).into_future()).unwrap();
    }
    block_on(trail.close()).unwrap();
    folder.verify().unwrap();
    folder.lines().iter().map(|line| without_hashes(line)).collect()
}

fn without_hashes(line: &str) -> String {
    let whole: Value = serde_json::from_str(line).unwrap();
    assert!(whole.is_object());
    let (before, after) = line.split_once(",\"prev\":\"").unwrap();
    let closing = &after[after.rfind('"').unwrap()..];
    let line = format!("{before},…{}", &closing[1..]);
    // As of this file, whatever its lines are.
    let mut out = String::new();
    let mut rest = &*line;
    while let Some((before, after)) = rest.split_once(file!()) {
        out += before;
        out += "FILE";
        let after = after.strip_prefix(':').map_or(after, |after| {
            out.push(':');
            after.trim_start_matches(|c: char| c.is_ascii_digit())
        });
        rest = after;
    }
    out + rest
}

fn all() -> [&'static dyn Fn(&Chart) -> Access<'_>; 3] {
    [
        &|chart| access::record(Action::Read, chart).count(3),
        &|chart| access::decision(Outcome::Denied, Action::Delete, chart).reason("not hers"),
        &|chart| access::break_glass(Action::Other("open"), chart, "an emergency"),
    ]
}

#[track_caller]
fn assert_lines(lines: &[String], golden: &str) {
    assert_eq!(lines.join("\n") + "\n", golden);
}

#[test]
fn json() {
    assert_lines(&lines(Encoding::Json, &all()), include_str!("golden/json.txt"));
}

#[test]
fn ocsf() {
    assert_lines(&lines(Encoding::Ocsf, &all()), include_str!("golden/ocsf.txt"));
}

#[test]
fn ecs() {
    let lines = lines(Encoding::Ecs, &all());
    let number = |line: &str| {
        let (before, after) = line.split_once("\"line\":").unwrap_or((line, ""));
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
        if after.is_empty() { line.to_owned() } else { format!("{before}\"line\":N{after}") }
    };
    let lines: Vec<_> = lines.iter().map(|line| number(line)).collect();
    assert_lines(&lines, include_str!("golden/ecs.txt"));
}

#[test]
fn each_action_has_its_number_in_ocsf() {
    let numbers = [
        (Action::Read, 1),
        (Action::Update, 2),
        (Action::Query, 4),
        (Action::Write, 5),
        (Action::Create, 6),
        (Action::Delete, 7),
        (Action::List, 8),
        (Action::Other("prescribe"), 99),
    ];
    for (action, number) in numbers {
        let lines = lines(Encoding::Ocsf, &[&|chart| access::record(action, chart)]);
        let type_uid = format!("\"type_uid\":{},", 600_500 + number);
        assert!(lines[1].contains(&type_uid), "{action}: {}", lines[1]);
    }
}

#[test]
fn a_clock_before_1970_or_after_9999_is_none() {
    let (early, late) = (UNIX_EPOCH - Duration::from_secs(1), 253_402_300_800);
    for time in [early, UNIX_EPOCH + Duration::from_secs(late)] {
        let sink = Told::default();
        let trail = Trail::builder("records").clock(move || time).open(sink.clone()).unwrap();
        block_on(trail.close()).unwrap();
        assert_eq!(sink.records()[0]["time"], "1970-01-01T00:00:00.000000Z");
    }
}
