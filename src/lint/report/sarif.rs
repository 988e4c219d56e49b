//! The report as SARIF 2.1.0 (OASIS, 2020), for code hosts.

use super::json::slashes;
use crate::lint::Checked;
use crate::lint::Finding;
use crate::lint::Level;
use crate::lint::Mark;
use crate::lint::Rule;
use serde_json::Value;
use serde_json::json;

pub(in crate::lint) fn sarif(checked: &Checked) -> String {
    let notes: Vec<_> = checked
        .notes
        .iter()
        .map(|note| {
            json!({
                "level": "warning",
                "message": { "text": note.text },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": uri(&slashes(&note.path)) },
                    "region": { "startLine": note.line.max(1) },
                } }],
            })
        })
        .collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-request-context",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": Rule::all().iter().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "results": checked.findings.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    format!("{report:#}\n")
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Review => "note",
    }
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.code(),
        "name": rule.name(),
        "shortDescription": { "text": rule.summary() },
        "help": { "text": rule.page(), "markdown": rule.page() },
        "defaultConfiguration": { "level": level(rule.level()) },
    })
}

fn result(finding: &Finding) -> Value {
    let index = Rule::all().iter().position(|rule| rule.code() == finding.rule.code());
    let related: Vec<_> = finding
        .other_places()
        .iter()
        .enumerate()
        .map(|(at, mark)| {
            let mut place = location(mark);
            place["id"] = json!(at);
            place["message"] = json!({ "text": mark.text });
            place
        })
        .collect();
    let text = [&*finding.message, &*finding.story, &*finding.mend].join("\n");
    json!({
        "ruleId": finding.rule.code(),
        "ruleIndex": index,
        "level": level(finding.level()),
        "message": { "text": text.trim() },
        "locations": [location(finding.place())],
        "relatedLocations": related,
        "partialFingerprints": { "requestContext/v1": finding.fingerprint },
    })
}

fn location(mark: &Mark) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&slashes(&mark.path)) },
        "region": {
            "startLine": mark.start.0,
            "startColumn": mark.start.1,
            "endLine": mark.end.0,
            "endColumn": mark.end.1,
        },
    } })
}

/// A path as a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'~' => {
                uri.push(char::from(byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
