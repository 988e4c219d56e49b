//! The comments that silence a rule.

use crate::lint::facts::Span;
use crate::lint::facts::Suppression;
use crate::lint::source::Lines;
use crate::lint::source::MARKS;

const FORM: &str = "is not of the form `request-context: allow(CODE, reason = \"..\")`";

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
            let (codes, fault) = match directive(comment)? {
                Some(said) => read(said),
                None => (Vec::new(), Some(FORM.to_owned())),
            };
            Some(Suppression { codes, fault, span: *span, covers: lines.covered_by(*span) })
        })
        .collect()
}

/// What stands behind `allow`; none where that is mistyped. Prose that happens to hold the mark, such as
/// a page that explains it, is no directive.
fn directive(comment: &str) -> Option<Option<&str>> {
    let comment = comment.trim_end_matches("*/").trim_start_matches(['/', '*', ' ', '\t']);
    let [mark, mistyped] = MARKS;
    let (said, is_mark) = match comment.strip_prefix(mark) {
        Some(said) => (said, true),
        None => (comment.strip_prefix(mistyped)?, false),
    };
    let (said, has_colon) = match said.strip_prefix(':') {
        // A path of code that is commented out.
        Some(said) if said.starts_with(':') => return None,
        Some(said) => (said.trim(), true),
        None => (said.strip_prefix(' ')?.trim(), false),
    };
    let word = said.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(said.len());
    let (word, rest) = said.split_at(word);
    match word {
        "allow" if is_mark && has_colon => Some(Some(rest.trim())),
        _ if rest.starts_with('(') || has_colon && is_nearly_allow(word) => Some(None),
        _ => None,
    }
}

/// Whether a word is `allow` with one letter more, less, other, or out of place.
fn is_nearly_allow(word: &str) -> bool {
    let (word, right) = (word.as_bytes(), b"allow");
    let start = word.iter().zip(right).take_while(|(a, b)| a == b).count();
    let ends = word.iter().rev().zip(right.iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let longer = word.len().max(right.len());
    let is_swapped = word.len() == right.len() && start + end + 2 == longer && {
        word[start] == right[start + 1] && word[start + 1] == right[start]
    };
    word.len().abs_diff(right.len()) <= 1 && start + end + 1 >= longer || is_swapped
}

fn read(said: &str) -> (Vec<String>, Option<String>) {
    let inner = said.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    let Some(inner) = inner else { return (Vec::new(), Some(FORM.to_owned())) };
    let (codes, reason) = match inner.split_once("reason") {
        Some((codes, reason)) => (codes, reason.trim().strip_prefix('=')),
        None => (inner, None),
    };
    let codes = codes.split(',').map(str::trim).filter(|code| !code.is_empty());
    let codes: Vec<_> = codes.map(str::to_owned).collect();
    let reason = reason.map(|reason| reason.trim().trim_end_matches(',').trim());
    let quoted = reason.and_then(|reason| reason.strip_prefix('"')?.strip_suffix('"'));
    let fault = match (reason, quoted) {
        (None | Some(""), _) => Some("gives no reason"),
        (_, None) => Some("gives its reason without quotes"),
        (_, Some(reason)) if reason.trim().is_empty() => Some("gives no reason"),
        _ if codes.is_empty() => Some("names no rule"),
        _ => None,
    };
    (codes, fault.map(str::to_owned))
}
