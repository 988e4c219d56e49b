//! The report as JSON.

use crate::lint::Checked;
use crate::lint::Finding;
use crate::lint::Mark;
use crate::lint::Verdict;
use serde_json::Value;
use serde_json::json;

pub(in crate::lint) fn json(checked: &Checked) -> String {
    let findings: Vec<_> = checked.findings.iter().map(|found| finding(checked, found)).collect();
    let notes: Vec<_> = checked
        .notes
        .iter()
        .map(|note| json!({ "path": slashes(&checked.shown(&note.path)), "line": note.line, "text": note.text }))
        .collect();
    let report = json!({
        "version": 1,
        "root": slashes(&checked.base),
        "packages": checked.packages,
        "files": checked.files,
        "lines": checked.lines,
        "files_not_read": checked.unnamed,
        "silenced": checked.suppressed,
        "in_baseline": checked.in_baseline,
        "stale_in_baseline": checked.stale,
        "findings": findings,
        "notes": notes,
    });
    format!("{report:#}\n")
}

fn finding(checked: &Checked, finding: &Finding) -> Value {
    let others: Vec<_> = finding.other_places().iter().map(|place| mark(checked, place)).collect();
    json!({
        "code": finding.rule.code(),
        "name": finding.rule.name(),
        "level": finding.level().as_str(),
        "message": finding.message,
        "place": mark(checked, finding.place()),
        "other_places": others,
        "story": finding.story,
        "mend": finding.mend,
        "proof": finding.proof,
        "fingerprint": finding.fingerprint,
        "verdict": finding.verdict.as_ref().map(verdict),
    })
}

/// What a leak test made of a finding.
pub(super) fn verdict(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Proved { seed, report, replay } => {
            json!({ "kind": "proved", "seed": seed, "report": report, "replay": replay })
        }
        Verdict::NotReproduced { seeds, schedules, vacuous, report } => json!({
            "kind": "not_reproduced",
            "seeds": seeds,
            "schedules": schedules,
            "vacuous": vacuous,
            "report": report,
        }),
        Verdict::NotReachable { why } => json!({ "kind": "not_reachable", "why": why }),
        Verdict::NotRun { why } => json!({ "kind": "not_run", "why": why }),
    }
}

fn mark(checked: &Checked, mark: &Mark) -> Value {
    json!({
        "path": slashes(&checked.shown(&mark.path)),
        "line": mark.start.0,
        "column": mark.start.1,
        "end_line": mark.end.0,
        "end_column": mark.end.1,
        "text": mark.text,
    })
}

/// A path with `/` on every system.
pub(super) fn slashes(path: &std::path::Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/").replacen("//", "/", 1)
}
