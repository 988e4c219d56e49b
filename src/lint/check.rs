//! A check: what to read, what to hold against it, and where to stop.

use super::CheckError;
use super::Checked;
use super::Finding;
use super::Level;
use super::Rule;
use super::baseline;
use super::checked::Note;
use super::finding::Mark;
use super::resolve::Workspace;
use super::rules::Found;
use super::settings::Settings;
use super::source::Cache;
use super::source::Gathered;
use super::source::Lines;
use super::source::Package;
use super::source::Packages;
use super::source::gather;
use super::source::text_of;
use super::suppress::suppress;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// A check of sources for shared state and lost context. Nothing of them is built or run.
///
/// # Examples
///
/// As a test of a project of yours:
///
/// ```no_run
/// #[test]
/// fn no_request_sees_what_is_anothers() {
///     request_context::lint::Check::workspace().assert_clean();
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is read until `run` or `assert_clean`"]
pub struct Check {
    paths: Vec<PathBuf>,
    all_targets: bool,
    deny: Option<Level>,
    baseline: Option<PathBuf>,
    cache: Option<PathBuf>,
    has_cache: bool,
}

impl Check {
    /// The workspace of the package whose test or build script this is, or of the current folder.
    pub fn workspace() -> Self {
        let start = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        Self::enclosing(start.or_else(|| env::current_dir().ok()).unwrap_or_default())
    }

    /// The workspace, or else the package, that a folder is in.
    pub fn enclosing(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self::paths([root_above(&folder).unwrap_or(folder)])
    }

    /// Folders with packages in or below them, and single files.
    pub fn paths<P: Into<PathBuf>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
            all_targets: false,
            deny: None,
            baseline: None,
            cache: None,
            has_cache: true,
        }
    }

    /// Also tests, examples, benches and build scripts.
    pub fn all_targets(mut self, all_targets: bool) -> Self {
        self.all_targets = all_targets;
        self
    }

    /// The lowest level that [`assert_clean`](Self::assert_clean) and [`Checked::denied`] hold against the
    /// sources. By default that of the settings, or else [`Level::Error`].
    pub fn deny(mut self, level: Level) -> Self {
        self.deny = Some(level);
        self
    }

    /// The file with the findings that are known. By default that of the settings, if any.
    pub fn baseline(mut self, path: impl Into<PathBuf>) -> Self {
        self.baseline = Some(path.into());
        self
    }

    /// Where to keep what was read for the next run. By default below the target folder, if there is one.
    pub fn cache(mut self, path: impl Into<PathBuf>) -> Self {
        self.cache = Some(path.into());
        self
    }

    /// Keeps nothing for the next run.
    pub fn no_cache(mut self) -> Self {
        self.has_cache = false;
        self
    }

    /// Reads the sources and applies the rules.
    ///
    /// What cannot be read or parsed is among the [notes](Checked::notes); the rest is checked.
    ///
    /// # Errors
    ///
    /// When there is nothing to read, when the settings are wrong, or when the baseline cannot be read.
    pub fn run(&self) -> Result<Checked, CheckError> {
        let (checked, _) = self.run_whole()?;
        Ok(checked)
    }

    /// Writes the baseline anew from what is found now. Where `only_shrink`, nothing may be added to it.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); when there is no path for the baseline or it cannot be written; and when it
    /// would grow where it may only shrink.
    pub fn update_baseline(&self, only_shrink: bool) -> Result<Checked, CheckError> {
        let (checked, Known { path, known, fingerprints }) = self.run_whole()?;
        let Some(path) = path else {
            return Err(CheckError::settings(
                PathBuf::from("Cargo.toml"),
                "names no `baseline`".to_owned(),
            ));
        };
        if only_shrink && !checked.findings.is_empty() {
            let all = fingerprints.iter().map(String::as_str);
            let kept: Vec<_> = all.filter(|fingerprint| known.contains(*fingerprint)).collect();
            baseline::write(&path, &kept)?;
            return Err(CheckError::baseline(path, None));
        }
        baseline::write(&path, &fingerprints.iter().map(String::as_str).collect::<Vec<_>>())?;
        Ok(Checked {
            findings: Vec::new(),
            stale: Vec::new(),
            in_baseline: fingerprints.len(),
            ..checked
        })
    }

    /// Fails the test it stands in, with the report, where something is denied.
    ///
    /// # Panics
    ///
    /// When there is a finding of the denied level or above, or when the check cannot be made.
    #[track_caller]
    pub fn assert_clean(&self) {
        match self.run() {
            Ok(checked) => assert!(checked.denied().is_none(), "{}", checked.to_text(false)),
            Err(error) => panic!("the sources cannot be checked: {error}"),
        }
    }

    fn run_whole(&self) -> Result<(Checked, Known), CheckError> {
        let found = self.find()?;
        let Roots { root, packages, prefixes } = found;
        let settings = Settings::read(&root, &packages)?;
        let cache = match (&self.cache, self.has_cache) {
            (Some(path), true) => Cache::open(path.clone()),
            (None, true) => cache_below(&root).map(Cache::open).unwrap_or_default(),
            (_, false) => Cache::default(),
        };
        let gathered = gather(&packages.packages, &cache);
        let is_in = |path: &Path| {
            let below = path.strip_prefix(&root).unwrap_or(path);
            !settings.excludes(below)
                && (prefixes.is_empty() || prefixes.iter().any(|prefix| path.starts_with(prefix)))
        };
        let workspace = Workspace::new(&gathered.files, &settings);
        let mut found: Vec<(&'static Rule, Found)> = Vec::new();
        for rule in Rule::all().iter().filter(|rule| !settings.allows(rule)) {
            let of_rule = rule
                .check(&workspace)
                .into_iter()
                .filter(|found| is_in(&gathered.files[found.file].path));
            found.extend(of_rule.map(|found| (rule, found)));
        }
        let suppressed = suppress(
            &gathered.files,
            &mut found,
            |file| is_in(&file.path),
            |rule| settings.allows(rule),
        )
        .len();
        let mut sources = BTreeMap::new();
        let mut findings: Vec<_> = found
            .into_iter()
            .map(|(rule, found)| shown(rule, found, &gathered, &root, &mut sources))
            .collect();
        findings.sort_by(|a, b| {
            let key = |finding: &Finding| {
                (
                    Reverse(finding.level()),
                    finding.marks[0].path.clone(),
                    finding.marks[0].start,
                    finding.rule.code(),
                    finding.fingerprint.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        baseline::number(&mut findings);
        let path = self
            .baseline
            .clone()
            .or_else(|| settings.baseline.as_ref().map(|path| root.join(path)));
        let known = path.as_deref().map(baseline::read).transpose()?.unwrap_or_default();
        let fingerprints: Vec<_> =
            findings.iter().map(|finding| finding.fingerprint.clone()).collect();
        let stale = known.iter().filter(|known| !fingerprints.contains(known)).cloned().collect();
        findings.retain(|finding| !known.contains(&finding.fingerprint));
        let checked = Checked {
            in_baseline: fingerprints.len() - findings.len(),
            findings,
            notes: notes(&gathered, &packages, &root),
            files: gathered.files.len(),
            lines: gathered.files.iter().map(|file| u64::from(file.facts.lines)).sum(),
            unnamed: unnamed(&gathered, &packages),
            stale,
            suppressed,
            deny: self.deny.or(settings.deny).unwrap_or(Level::Error),
            sources,
        };
        Ok((checked, Known { path, known, fingerprints }))
    }

    /// The packages of all paths, and below which paths findings are wanted.
    fn find(&self) -> Result<Roots, CheckError> {
        let mut all = Packages::default();
        let mut prefixes = Vec::new();
        let mut root = None;
        for path in &self.paths {
            let path = fs::canonicalize(path).map_err(|_| CheckError::nothing(path.clone()))?;
            if path.is_file() {
                root.get_or_insert_with(|| path.parent().unwrap_or(&path).to_owned());
                all.packages.push(Package::of_file(&path));
                continue;
            }
            let has_manifest = path.join("Cargo.toml").is_file();
            let mut found = Packages::below(&path, self.all_targets);
            let mut own_root = path.clone();
            if !has_manifest
                && found.packages.is_empty()
                && let Some(above) = root_above(&path)
            {
                found = Packages::below(&above, self.all_targets);
                prefixes.push(path.clone());
                own_root = above;
            }
            root.get_or_insert(own_root);
            all.packages.append(&mut found.packages);
            all.sources.append(&mut found.sources);
            all.faults.append(&mut found.faults);
            all.metadata = all.metadata.take().or(found.metadata);
        }
        let root = root.unwrap_or_default();
        if all.packages.iter().all(|package| package.roots.is_empty()) {
            return Err(CheckError::nothing(self.paths.first().cloned().unwrap_or(root)));
        }
        Ok(Roots { root, packages: all, prefixes })
    }
}

/// What the paths of a check lead to.
struct Roots {
    root: PathBuf,
    packages: Packages,
    prefixes: Vec<PathBuf>,
}

/// What the baseline has to do with a run.
struct Known {
    path: Option<PathBuf>,
    known: std::collections::BTreeSet<String>,
    /// Those of all findings, known or not.
    fingerprints: Vec<String>,
}

/// The folder of the workspace, or else of the package, that `start` is in.
fn root_above(start: &Path) -> Option<PathBuf> {
    let start = fs::canonicalize(start).ok()?;
    let mut package = None;
    for folder in start.ancestors() {
        if let Ok(text) = fs::read_to_string(folder.join("Cargo.toml")) {
            if text.lines().any(|line| line.trim_start().starts_with("[workspace")) {
                return Some(folder.to_owned());
            }
            package.get_or_insert_with(|| folder.to_owned());
        }
    }
    package
}

fn cache_below(root: &Path) -> Option<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let name = format!("facts-{:016x}", Cache::key(root.as_os_str().as_encoded_bytes()));
    target.is_dir().then(|| target.join("request-context").join(name))
}

fn notes(gathered: &Gathered, packages: &Packages, root: &Path) -> Vec<Note> {
    let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
    let manifests = packages.faults.iter().map(|(path, what)| Note {
        path: below(path),
        line: 1,
        text: format!("is no TOML and was not read: {what}"),
    });
    let files = gathered.faults.iter().map(|(path, span, what)| {
        let text = text_of(path);
        let (line, _) = Lines::of(&text).position(span.start);
        Note { path: below(path), line, text: what.clone() }
    });
    manifests.chain(files).collect()
}

/// How many files below the sources of the packages no module names.
fn unnamed(gathered: &Gathered, packages: &Packages) -> usize {
    let read: HashSet<_> = gathered.files.iter().map(|file| &file.path).collect();
    let below = |path: &Path| {
        packages.packages.iter().any(|package| path.starts_with(package.folder.join("src")))
    };
    let is_test = |path: &Path| {
        gathered.left_out.iter().any(|test| {
            let folder = if test.ends_with("mod.rs") { test.parent() } else { None };
            path == test || path.starts_with(folder.unwrap_or(&test.with_extension("")))
        })
    };
    let unnamed = |path: &&PathBuf| !read.contains(path) && below(path) && !is_test(path);
    packages.sources.iter().filter(unnamed).count()
}

/// A finding with lines and columns.
fn shown(
    rule: &'static Rule,
    found: Found,
    gathered: &Gathered,
    root: &Path,
    sources: &mut BTreeMap<PathBuf, String>,
) -> Finding {
    let first = (found.file, found.span, found.label);
    let marks = std::iter::once(first).chain(found.others).map(|(file, span, text)| {
        let path = &gathered.files[file].path;
        let below = path.strip_prefix(root).unwrap_or(path).to_owned();
        let source = sources.entry(below.clone()).or_insert_with(|| text_of(path));
        let lines = Lines::of(source);
        let (start, end) = (lines.position(span.start), lines.position(span.end.max(span.start)));
        Mark { path: below, bytes: span.start as usize..span.end as usize, start, end, text }
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
    }
}
