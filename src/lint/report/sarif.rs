//! The report as SARIF 2.1.0 (OASIS, 2020), for code hosts.

use super::json::slashes;
use super::json::verdict;
use crate::lint::Checked;
use crate::lint::Finding;
use crate::lint::Level;
use crate::lint::Mark;
use crate::lint::Rule;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

/// What relative paths are below: the current folder where all is below it.
const BASE: &str = "SRCROOT";

pub(in crate::lint) fn sarif(checked: &Checked) -> String {
    let base = Base::of(checked);
    let notes: Vec<_> = checked
        .notes
        .iter()
        .map(|note| {
            json!({
                "level": if note.is_fault { "warning" } else { "note" },
                "message": { "text": note.text },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": base.artifact(&note.path),
                    "region": { "startLine": note.line.max(1) },
                } }],
            })
        })
        .collect();
    let is_unproved = checked
        .findings
        .iter()
        .any(|finding| finding.verdict.as_ref().is_some_and(crate::lint::Verdict::is_not_run));
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-request-context",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": Rule::all().iter().map(rule).collect::<Vec<_>>(),
            } },
            "originalUriBaseIds": { BASE: { "uri": format!("{}/", file_uri(base.folder)) } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": !is_unproved, "toolExecutionNotifications": notes }],
            "results": checked.findings.iter().map(|finding| result(&base, finding)).collect::<Vec<_>>(),
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

fn result(base: &Base<'_>, finding: &Finding) -> Value {
    let index = Rule::all().iter().position(|rule| rule.code() == finding.rule.code());
    let related: Vec<_> = finding
        .other_places()
        .iter()
        .enumerate()
        .map(|(at, mark)| {
            let mut place = location(base, mark);
            place["id"] = json!(at);
            place["message"] = json!({ "text": mark.text });
            place
        })
        .collect();
    let proved = finding.verdict.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = [&*finding.message, &*finding.story, &*finding.mend, &*proved].join("\n");
    let mut result = json!({
        "ruleId": finding.rule.code(),
        "ruleIndex": index,
        "level": level(finding.level()),
        "message": { "text": text.trim() },
        "locations": [location(base, finding.place())],
        "relatedLocations": related,
        "partialFingerprints": { "requestContext/v1": finding.fingerprint },
    });
    if let Some(of_test) = &finding.verdict {
        result["properties"] = json!({ "verdict": verdict(of_test) });
    }
    result
}

fn location(base: &Base<'_>, mark: &Mark) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": base.artifact(&mark.path),
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

/// What relative paths are below.
struct Base<'a> {
    root: &'a Path,
    folder: &'a Path,
}

impl<'a> Base<'a> {
    fn of(checked: &'a Checked) -> Self {
        let root = &*checked.base;
        Self { root, folder: if root.starts_with(&checked.cwd) { &checked.cwd } else { root } }
    }

    fn artifact(&self, path: &Path) -> Value {
        let whole = self.root.join(path);
        match whole.strip_prefix(self.folder) {
            Ok(below) => json!({ "uri": uri(&slashes(below)), "uriBaseId": BASE }),
            Err(_) => json!({ "uri": file_uri(&whole) }),
        }
    }
}

/// An absolute path as a URI (RFC 8089).
fn file_uri(path: &Path) -> String {
    let path = uri(&slashes(path));
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", path.trim_end_matches('/'))
}
