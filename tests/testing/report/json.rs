//! The report as JSON.

use super::isolated;
use super::leaked;
use super::vacuous;
use request_context::testing::Report;
use request_context::testing::Sighting;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

fn value(report: &Report) -> Value {
    serde_json::from_str(&report.to_json()).unwrap()
}

#[test]
fn the_format_is_the_documented_one() {
    let leaked = value(&leaked());
    let members: BTreeSet<_> = leaked.as_object().unwrap().keys().map(String::as_str).collect();
    let documented = "answered coverage decisions format leaks matrix name notes planted replay \
                      replayable requests restless schedule schedules seconds seeds sessions story stuck trace \
                      vacuous verdict";
    assert_eq!(members, documented.split_whitespace().collect());
    assert_eq!(leaked["format"], "request-context leak report 1");
    assert_eq!(leaked["seeds"], json!({ "first": 0, "end": 200, "run": 200 }));
    let sighting = json!({
        "owner": 0, "seer": 1, "sink": "body", "place": "", "field": "note", "form": "hex",
        "excerpt": "{\"user\":\"7a71636336\"}", "request": 2, "step": 9,
    });
    assert_eq!(
        leaked["leaks"],
        json!([{ "seed": 3, "seeds": 199, "sightings": 1412, "first": sighting }])
    );
    let story = &leaked["story"];
    assert_eq!(
        story["shrunk_from"],
        json!({ "sessions": 8, "requests": 32, "forced_switches": 57 })
    );
    let timeline = &story["timeline"];
    assert_eq!(
        timeline[1],
        json!({ "step": 1, "session": 0, "task": 0, "what": "stops", "forced": true, "operation": 1,
                "spans": "request > load" })
    );
    let what: Vec<_> = timeline.as_array().unwrap().iter().map(|moment| &moment["what"]).collect();
    let words = "sends stops sends point stops runs receives fault sees";
    assert_eq!(what, words.split(' ').collect::<Vec<_>>());
    assert_eq!(timeline[8]["sighting"], sighting);
    assert_eq!(
        leaked["planted"][0],
        json!({ "name": "last-value slot", "seeds": 200, "found": 199 })
    );
    assert_eq!(leaked["coverage"]["pairs"], 312);
    assert_eq!(leaked["coverage"]["curve"][60], json!([200, 312]));
}

#[test]
fn the_verdict_is_one_word() {
    assert_eq!(value(&isolated())["verdict"], "isolated");
    assert_eq!(value(&leaked())["verdict"], "leaked");
    assert_eq!(value(&vacuous())["verdict"], "vacuous");
    let vacuous = &value(&vacuous())["vacuous"][0];
    assert_eq!(
        *vacuous,
        json!({ "sink": "header", "sessions": [3], "instead": "4 x 401 Unauthorized" })
    );
}

#[test]
fn the_matrix_has_who_saw_whom_and_leaves_out_what_is_zero() {
    let matrix = &value(&leaked())["matrix"];
    let others: Vec<_> =
        matrix.as_array().unwrap().iter().filter(|cell| cell[0] != cell[1]).collect();
    assert_eq!(others, [&json!([1, 0, 3]), &json!([5, 2, 1]), &json!([6, 7, 1])]);
    assert_eq!(value(&isolated())["matrix"].as_array().unwrap().len(), 8);
}

#[test]
fn an_earlier_run_and_nobody_are_null() {
    let mut report = leaked();
    report.leaks[0].first.owner = Sighting::EARLIER;
    report.leaks[0].first.seer = None;
    report.story = None;
    report.replay = None;
    let value = value(&report);
    let first = &value["leaks"][0]["first"];
    assert_eq!((&first["owner"], &first["seer"]), (&Value::Null, &Value::Null));
    assert_eq!((&value["story"], &value["replay"]), (&Value::Null, &Value::Null));
}
