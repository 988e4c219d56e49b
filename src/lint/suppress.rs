//! Comments that silence a rule, and those that had nothing to silence.

use super::Rule;
use super::facts::Span;
use super::facts::Suppression;
use super::rules::Found;
use super::rules::UNUSED;
use super::rules::WRONG;
use super::source::SourceFile;

/// Takes out what comments silence; adds what is wrong with the comments. Returns how many it took out.
pub(super) fn suppress(files: &[SourceFile], found: &mut Vec<(&'static Rule, Found)>) -> usize {
    let mut comments: Vec<(usize, &Suppression, bool)> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        comments.extend(file.facts.suppressions.iter().map(|comment| (at, comment, false)));
    }
    if comments.is_empty() {
        return 0;
    }
    let before = found.len();
    found.retain(|(rule, finding)| {
        let mut is_silenced = false;
        for (file, comment, is_used) in &mut comments {
            let names_it = comment
                .codes
                .iter()
                .any(|code| code.eq_ignore_ascii_case(rule.code()) || code == rule.name());
            let covers = comment.covers.start <= finding.span.start
                && finding.span.start < comment.covers.end;
            if *file == finding.file && names_it && covers && comment.fault.is_none() {
                (is_silenced, *is_used) = (true, true);
            }
        }
        !is_silenced
    });
    let suppressed = before - found.len();
    for (file, comment, is_used) in comments {
        let wrong = match &comment.fault {
            Some(fault) => Some((WRONG, format!("this comment {fault}, so it silences nothing"))),
            None if !is_used => Some((
                UNUSED,
                format!(
                    "this comment silences {}, which finds nothing here",
                    comment.codes.join(", ")
                ),
            )),
            None => None,
        };
        if let Some((code, message)) = wrong
            && let Some(rule) = Rule::find(code)
        {
            found.push((rule, about(file, &files[file], comment.span, message)));
        }
    }
    suppressed
}

fn about(file: usize, source: &SourceFile, span: Span, message: String) -> Found {
    Found {
        file,
        span,
        message,
        label: "here".to_owned(),
        others: Vec::new(),
        item: source.module.clone(),
        key: String::new(),
        story: String::new(),
        mend: "write `// request-context: allow(CODE, reason = \"why it is right here\")`, or take it out".to_owned(),
        proof: String::new(),
    }
}
