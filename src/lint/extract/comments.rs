//! The comments that silence a rule.

use crate::lint::facts::Span;
use crate::lint::facts::Suppression;
use crate::lint::source::Lines;
use crate::lint::source::MARK;

/// Reads `request-context: allow(CODE, .., reason = "..")`.
pub(super) fn suppressions(text: &str, comments: &[Span]) -> Vec<Suppression> {
    if comments.is_empty() {
        return Vec::new();
    }
    let lines = Lines::of(text);
    comments
        .iter()
        .filter_map(|span| {
            let comment = &text[span.start as usize..span.end as usize];
            let said = comment.split_once(MARK)?.1.trim();
            // Prose that happens to hold the mark, such as a page that explains it, is no suppression.
            let starts_comment = comment.trim_start_matches(['/', '*', ' ']).starts_with(MARK);
            let said = said.strip_prefix("allow").filter(|_| starts_comment)?;
            let (codes, fault) = read(said.trim_end_matches("*/").trim());
            Some(Suppression { codes, fault, span: *span, covers: lines.covered_by(*span) })
        })
        .collect()
}

fn read(said: &str) -> (Vec<String>, Option<String>) {
    let inner = said.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    let Some(inner) = inner else {
        return (Vec::new(), Some("is not of the form `allow(CODE, reason = \"..\")`".to_owned()));
    };
    let (codes, reason) = match inner.split_once("reason") {
        Some((codes, reason)) => (codes, reason.trim().strip_prefix('=')),
        None => (inner, None),
    };
    let reason = reason.map(|reason| reason.trim().trim_matches('"').trim()).unwrap_or_default();
    let codes = codes.split(',').map(str::trim).filter(|code| !code.is_empty());
    let codes: Vec<_> = codes.map(str::to_owned).collect();
    let fault = if reason.is_empty() {
        Some("gives no reason".to_owned())
    } else if codes.is_empty() {
        Some("names no rule".to_owned())
    } else {
        None
    };
    (codes, fault)
}
