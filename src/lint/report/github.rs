//! The report as workflow commands of GitHub.

use super::json::slashes;
use super::plain::plain;
use crate::lint::Checked;
use crate::lint::Level;
use std::fmt::Write as _;

pub(in crate::lint) fn github(checked: &Checked) -> String {
    let mut text = String::new();
    for finding in &checked.findings {
        let command = match finding.level() {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Review => "notice",
        };
        let place = finding.place();
        let verdict = finding.verdict.as_ref().map(|verdict| format!("{verdict}\n"));
        let verdict = verdict.unwrap_or_default();
        let message = format!("{}\n{verdict}{}\n{}", finding.message, finding.story, finding.mend);
        let _ = writeln!(
            text,
            "::{command} file={},line={},endLine={},col={},title={}::{}",
            property(&slashes(&checked.shown(&place.path))),
            place.start.0,
            place.end.0,
            place.start.1,
            property(&format!("{} {}", finding.rule.code(), finding.rule.name())),
            data(&message),
        );
    }
    for note in &checked.notes {
        let path = property(&slashes(&checked.shown(&note.path)));
        let _ = writeln!(text, "::notice file={path},line={}::{}", note.line, data(&note.text));
    }
    for fingerprint in &checked.stale {
        let what = data(&format!("the baseline knows what is gone: {fingerprint}"));
        let _ = writeln!(text, "::notice ::{what}");
    }
    text
}

fn data(text: &str) -> String {
    plain(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
