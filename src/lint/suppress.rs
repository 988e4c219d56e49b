//! Comments that silence a rule, and those that had nothing to silence.

use super::Rule;
use super::facts::Span;
use super::facts::Suppression;
use super::rules::Found;
use super::rules::UNUSED;
use super::rules::WRONG;
use super::source::SourceFile;

/// One comment, and for each rule that it names whether it silenced anything.
struct Comment<'a> {
    file: usize,
    said: &'a Suppression,
    is_used: Vec<bool>,
}

/// Takes out what comments silence; adds what is wrong with the comments of the files that are judged.
/// Returns the file of each that it took out.
pub(super) fn suppress(
    files: &[SourceFile],
    found: &mut Vec<(&'static Rule, Found)>,
    is_judged: impl Fn(&SourceFile) -> bool,
    is_off: impl Fn(&Rule) -> bool,
) -> Vec<usize> {
    let mut comments: Vec<Comment<'_>> = Vec::new();
    for (at, file) in files.iter().enumerate().filter(|(_, file)| is_judged(file)) {
        let of_file = file.facts.suppressions.iter();
        comments.extend(of_file.map(|said| Comment {
            file: at,
            said,
            is_used: vec![false; said.codes.len()],
        }));
    }
    if comments.is_empty() {
        return Vec::new();
    }
    let mut silenced = Vec::new();
    found.retain(|(rule, finding)| {
        let mut is_silenced = false;
        for Comment { file, said, is_used } in &mut comments {
            let covers =
                said.covers.start <= finding.span.start && finding.span.start < said.covers.end;
            if *file != finding.file || !covers || said.fault.is_some() {
                continue;
            }
            for (code, is_used) in said.codes.iter().zip(is_used) {
                if code.eq_ignore_ascii_case(rule.code()) || code == rule.name() {
                    (is_silenced, *is_used) = (true, true);
                }
            }
        }
        if is_silenced {
            silenced.push(finding.file);
        }
        !is_silenced
    });
    for Comment { file, said, is_used } in comments {
        let mut add = |code: &str, key: &str, message: String| {
            if let Some(rule) = Rule::find(code) {
                found.push((rule, about(file, &files[file], said.span, key, message)));
            }
        };
        if let Some(fault) = &said.fault {
            add(WRONG, "", format!("this comment {fault}, so it silences nothing"));
            continue;
        }
        for (code, is_used) in said.codes.iter().zip(is_used) {
            match Rule::find(code) {
                None => add(WRONG, code, format!("this comment names `{code}`, which is no rule")),
                // What is off, or a fault of the comment itself, has nothing to find here.
                Some(rule) if is_used || is_off(rule) => {}
                Some(_) => {
                    add(
                        UNUSED,
                        code,
                        format!("this comment silences {code}, which finds nothing here"),
                    );
                }
            }
        }
    }
    silenced
}

fn about(file: usize, source: &SourceFile, span: Span, key: &str, message: String) -> Found {
    Found {
        file,
        span,
        message,
        label: "here".to_owned(),
        others: Vec::new(),
        item: source.module.clone(),
        key: key.to_owned(),
        story: String::new(),
        mend: "write `// request-context: allow(CODE, reason = \"why it is right here\")`, or take it out".to_owned(),
        proof: String::new(),
    }
}
