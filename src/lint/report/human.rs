//! The report for people.

use super::plain::plain;
use super::plain::plain_line;
use crate::lint::Checked;
use crate::lint::Finding;
use crate::lint::Level;
use crate::lint::Mark;
use crate::lint::Verdict;
use annotate_snippets::AnnotationKind;
use annotate_snippets::Group;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;
use std::fmt::Write as _;

pub(in crate::lint) fn human(checked: &Checked, colored: bool) -> String {
    let renderer = if colored { Renderer::styled() } else { Renderer::plain() };
    // What a test reports ends in a line for a shell: a part of that is of no use.
    let whole = renderer.clone().term_width(usize::MAX);
    let mut text = String::new();
    for finding in &checked.findings {
        text.push_str(&renderer.render(&groups(checked, finding)));
        if let Some(Verdict::Proved { report, .. }) = &finding.verdict {
            text.push('\n');
            text.push_str(&whole.render(&[seen(report)]));
        }
        text.push_str("\n\n");
    }
    for note in &checked.notes {
        let path = checked.shown(&note.path).display().to_string();
        let (path, what) = (plain_line(&path), plain_line(&note.text));
        let _ = writeln!(text, "note: {path}:{}: {what}", note.line);
    }
    for fingerprint in &checked.stale {
        let what = plain_line(fingerprint);
        let _ = writeln!(text, "note: the baseline knows what is gone: {what}");
    }
    let count =
        |level: Level| checked.findings.iter().filter(|finding| finding.level() == level).count();
    let many = |count: usize, what: &str| {
        let end = if count == 1 { "" } else { "s" };
        format!("{count} {what}{end}")
    };
    let _ = write!(
        text,
        "{}, {}, {} to review in {} ({} lines) of {}",
        many(count(Level::Error), "error"),
        many(count(Level::Warning), "warning"),
        count(Level::Review),
        many(checked.files, "file"),
        checked.lines,
        many(checked.packages, "package"),
    );
    for (count, what) in [
        (checked.suppressed, "silenced by comments"),
        (checked.in_baseline, "in the baseline"),
        (checked.unnamed, "files not read, for no module names them"),
    ] {
        if count > 0 {
            let _ = write!(text, "; {count} {what}");
        }
    }
    text.push('\n');
    text
}

fn groups<'a>(checked: &'a Checked, finding: &'a Finding) -> Vec<Group<'a>> {
    let level = match finding.level() {
        Level::Error => annotate_snippets::Level::ERROR,
        Level::Warning => annotate_snippets::Level::WARNING,
        Level::Review => annotate_snippets::Level::NOTE.with_name("review"),
    };
    let mut group = Group::with_title(
        level.primary_title(plain_line(&finding.message)).id(finding.rule.code()),
    );
    let mut paths: Vec<_> = Vec::new();
    for mark in &finding.marks {
        if !paths.contains(&&mark.path) {
            paths.push(&mark.path);
        }
    }
    for path in paths {
        let source = checked.sources.get(path).map(String::as_str).unwrap_or_default();
        let here = finding.marks.iter().enumerate().filter(|(_, mark)| mark.path == *path);
        let annotations = here.map(|(at, mark)| {
            let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            kind.span(within(source, mark)).label(&*mark.text)
        });
        let name = plain_line(&checked.shown(path).display().to_string());
        group = group.element(Snippet::source(source).path(name).annotations(annotations));
    }
    let help = annotate_snippets::Level::HELP;
    let verdict = finding.verdict.as_ref().map(ToString::to_string).unwrap_or_default();
    for text in [&*finding.story, &*verdict].into_iter().filter(|text| !text.is_empty()) {
        group = group.element(annotate_snippets::Level::NOTE.message(plain(text)));
    }
    group = group.element(help.message(plain(&finding.mend)));
    let mut groups = vec![group];
    let is_tried =
        matches!(finding.verdict, Some(Verdict::Proved { .. } | Verdict::NotReproduced { .. }));
    if !finding.proof.is_empty() && !is_tried {
        let title = annotate_snippets::Level::HELP.secondary_title("this leak test would show it");
        groups.push(Group::with_title(title).element(
            Snippet::source(&*finding.proof).line_numbering(false).fold(false).annotations([]),
        ));
    }
    groups
}

/// What a leak test reports.
fn seen(report: &str) -> Group<'_> {
    let title = annotate_snippets::Level::NOTE.secondary_title("what the leak test saw");
    Group::with_title(title)
        .element(Snippet::source(report).line_numbering(false).fold(false).annotations([]))
}

/// The bytes of a mark, where the file still has them.
fn within(source: &str, mark: &Mark) -> std::ops::Range<usize> {
    let fits = mark.bytes.end <= source.len()
        && source.is_char_boundary(mark.bytes.start)
        && source.is_char_boundary(mark.bytes.end);
    if fits { mark.bytes.clone() } else { 0..0 }
}
