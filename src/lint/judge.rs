//! What the rules say of what was read, less what comments and baselines hold.

use super::CheckError;
use super::Checked;
use super::Finding;
use super::Level;
use super::Rule;
use super::baseline::Baseline;
use super::baseline::number;
use super::finding::Mark;
use super::in_clippy::InClippy;
use super::prove::Ways;
use super::reading::Reading;
use super::resolve::Workspace;
use super::rules::Found;
use super::settings::Settings;
use super::source::Lines;
use super::source::Project;
use super::source::SourceFile;
use super::source::text_of;
use super::suppress::suppress;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// Applies the rules to all that was read. What stands outside the paths of the check is found too, so
/// that a part has the fingerprints of the whole.
pub(super) fn judge(
    reading: Reading,
    deny: Option<Level>,
    baseline: Option<&Path>,
    has_ways: bool,
) -> Result<(Checked, Vec<Baseline>), CheckError> {
    let clippy = Arc::new(InClippy::of(&reading.packages));
    let mut sources = BTreeMap::new();
    let mut suppressed = 0;
    let mut by_baseline: BTreeMap<Option<PathBuf>, (Vec<&Project>, Vec<Finding>)> = BTreeMap::new();
    for project in &reading.projects {
        let settings = Settings::read(project, &reading.packages, &clippy)?;
        let (mut found, silenced) = found_in(project, &reading, &settings, has_ways, &mut sources);
        suppressed += silenced;
        let least = deny.or(settings.deny).unwrap_or(Level::Error);
        let of_settings = settings.baseline.as_ref().map(|path| project.root.join(path));
        let baseline = baseline.map(Path::to_owned).or(of_settings);
        let (projects, findings) = by_baseline.entry(baseline).or_default();
        projects.push(project);
        for finding in &mut found {
            finding.is_denied = finding.level() >= least;
        }
        findings.append(&mut found);
    }
    let (mut findings, mut stale, mut in_baseline) = (Vec::new(), Vec::new(), 0);
    let mut baselines = Vec::new();
    for (path, (projects, mut of_projects)) in by_baseline {
        of_projects.sort_by_cached_key(sort_key);
        number(&mut of_projects);
        let all: BTreeSet<_> =
            of_projects.iter().map(|finding| finding.fingerprint.clone()).collect();
        of_projects.retain(|finding| reading.is_asked(&reading.base.join(&finding.marks[0].path)));
        if let Some(path) = path {
            let asked = of_projects.iter().map(|finding| finding.fingerprint.clone()).collect();
            let baseline =
                Baseline::read(path, all, asked, |entry| is_judged(entry, &projects, &reading))?;
            let before = of_projects.len();
            of_projects.retain(|finding| !baseline.knows(&finding.fingerprint));
            in_baseline += before - of_projects.len();
            stale.extend(baseline.stale());
            baselines.push(baseline);
        }
        findings.append(&mut of_projects);
    }
    findings.sort_by_cached_key(sort_key);
    let cwd = env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
    let checked = Checked {
        in_baseline,
        findings,
        files: reading.gathered.files.len(),
        lines: reading.gathered.files.iter().map(|file| u64::from(file.facts.lines)).sum(),
        packages: reading.packages_read(),
        unnamed: reading.unnamed(),
        stale,
        suppressed,
        sources,
        notes: reading.notes,
        base: reading.base,
        cwd,
    };
    Ok((checked, baselines))
}

/// What the rules find in a project, and how many findings comments silence where that was asked for.
fn found_in(
    project: &Project,
    reading: &Reading,
    settings: &Settings,
    has_ways: bool,
    sources: &mut BTreeMap<PathBuf, String>,
) -> (Vec<Finding>, usize) {
    let is_known =
        |package: &usize| project.own.contains(package) || project.others.contains(package);
    let files: Vec<SourceFile> =
        reading.gathered.files.iter().filter(|file| is_known(&file.package)).cloned().collect();
    let is_judged = |file: &SourceFile| {
        let below = file.path.strip_prefix(&project.root).unwrap_or(&file.path);
        project.own.contains(&file.package) && !settings.excludes(below)
    };
    let workspace = Workspace::new(&files, settings);
    let mut found: Vec<(&'static Rule, Found)> = Vec::new();
    for rule in Rule::all().iter().filter(|rule| !settings.allows(rule)) {
        let of_rule = rule.check(&workspace).into_iter();
        let of_rule = of_rule.filter(|found| is_judged(&files[found.file]));
        found.extend(of_rule.map(|found| (rule, found)));
    }
    let silenced = suppress(&files, &mut found, is_judged, |rule| settings.allows(rule));
    let silenced = silenced.iter().filter(|file| reading.is_asked(&files[**file].path)).count();
    let ways = has_ways.then(|| Ways::of(&workspace));
    let marked = found.iter().flat_map(|(_, found)| {
        std::iter::once(found.file).chain(found.others.iter().map(|(file, _, _)| *file))
    });
    let marked: BTreeSet<usize> = marked.collect();
    for file in &marked {
        let path = &files[*file].path;
        sources.entry(reading.below(path)).or_insert_with(|| text_of(path));
    }
    let lines_of =
        |file: usize| Some((file, Lines::of(sources.get(&reading.below(&files[file].path))?)));
    let lines: BTreeMap<usize, Lines<'_>> = marked.into_iter().filter_map(lines_of).collect();
    let shown = found.into_iter().map(|(rule, found)| {
        let way = ways.as_ref().and_then(|ways| ways.to(rule, &found));
        Finding { way, ..shown(rule, found, &files, reading, &lines) }
    });
    (shown.collect(), silenced)
}

/// Whether a run can say that an entry of a baseline fits nothing: not where a part was asked for and the
/// entry is of another package, nor where its file could not be read.
fn is_judged(entry: &str, projects: &[&Project], reading: &Reading) -> bool {
    let item = entry.split(' ').nth(1).unwrap_or_default();
    let is_in = |module: &str| {
        item.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let is_whole = projects.iter().all(|project| reading.is_asked(&project.root));
    let mut own = projects.iter().flat_map(|project| &project.own);
    let is_read = is_whole || own.any(|package| is_in(&reading.packages[*package].name));
    let mut unread = reading.gathered.unread();
    is_read && !unread.any(is_in)
}

/// The weightiest first, then by place.
fn sort_key(finding: &Finding) -> (Reverse<Level>, PathBuf, (u32, u32), &'static str, String) {
    let mark = &finding.marks[0];
    let code = finding.rule.code();
    (Reverse(finding.level()), mark.path.clone(), mark.start, code, finding.fingerprint.clone())
}

/// A finding with lines and columns.
fn shown(
    rule: &'static Rule,
    found: Found,
    files: &[SourceFile],
    reading: &Reading,
    lines: &BTreeMap<usize, Lines<'_>>,
) -> Finding {
    let first = (found.file, found.span, found.label);
    let marks = std::iter::once(first).chain(found.others).map(|(file, span, text)| {
        let path = reading.below(&files[file].path);
        let position = |at| lines.get(&file).map_or((1, 1), |lines| lines.position(at));
        let (start, end) = (position(span.start), position(span.end.max(span.start)));
        Mark { path, bytes: span.start as usize..span.end as usize, start, end, text }
    });
    let marks = marks.collect();
    let fingerprint = [rule.code(), &found.item, &found.key].join(" ");
    Finding {
        rule,
        message: found.message,
        marks,
        story: found.story,
        mend: found.mend,
        proof: found.proof,
        fingerprint: fingerprint.split_whitespace().collect::<Vec<_>>().join(" "),
        is_denied: false,
        way: None,
        verdict: None,
    }
}
