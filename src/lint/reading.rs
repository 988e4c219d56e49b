//! From the paths of a check to what is read for them.

use super::CheckError;
use super::checked::Note;
use super::source::Cache;
use super::source::Gathered;
use super::source::Lines;
use super::source::Package;
use super::source::Project;
use super::source::Projects;
use super::source::gather;
use super::source::text_of;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Packages that a note names before it only counts them.
const MAX_NAMES: usize = 5;

/// What is read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// What the paths of a report are below.
    pub(super) base: PathBuf,
    pub(super) projects: Vec<Project>,
    pub(super) packages: Vec<Package>,
    pub(super) gathered: Gathered,
    pub(super) notes: Vec<Note>,
    sources: Vec<PathBuf>,
    asked: Vec<PathBuf>,
}

impl Reading {
    /// Reads what `paths` lead to. The workspace around a path is read with it: it tells what names mean.
    pub(super) fn of(
        paths: &[PathBuf],
        all_targets: bool,
        cache: impl FnOnce(&Path) -> Cache,
    ) -> Result<Self, CheckError> {
        let canonical = |path: &PathBuf| {
            fs::canonicalize(path).map_err(|_| CheckError::nothing(path.clone(), None))
        };
        let asked = paths.iter().map(canonical).collect::<Result<Vec<_>, _>>()?;
        let mut roots: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for path in &asked {
            let folder = if path.is_file() { path.parent().unwrap_or(path) } else { path };
            let root = root_above(folder).unwrap_or_else(|| folder.to_owned());
            // A workspace inside another one of the check is found from there.
            let outer = roots.keys().find(|outer| root.starts_with(outer)).cloned();
            roots.entry(outer.unwrap_or(root)).or_default().push(path.clone());
        }
        let base = roots.keys().cloned().reduce(|a, b| common(&a, &b)).unwrap_or_default();
        let mut reading = Self { base, asked, ..Self::default() };
        for (root, asked) in &roots {
            reading.add(Projects::below(root, asked, all_targets));
        }
        reading.gathered = gather(&reading.packages, &cache(&reading.base));
        reading.add_lone_files();
        if reading.packages.iter().all(|package| package.roots.is_empty()) {
            let path = paths.first().cloned().unwrap_or_else(|| reading.base.clone());
            let why = reading.notes.iter().find(|note| note.is_fault);
            let why = why.map(|note| format!("`{}` {}", note.path.display(), note.text));
            return Err(CheckError::nothing(path, why));
        }
        reading.note_faults();
        Ok(reading)
    }

    fn add(&mut self, found: Projects) {
        let first = self.packages.len();
        self.packages.extend(found.packages);
        self.projects.extend(found.projects.into_iter().map(|mut project| {
            project.own.iter_mut().chain(&mut project.others).for_each(|at| *at += first);
            project
        }));
        self.sources.extend(found.sources);
        for (path, text) in found.faults {
            self.notes.push(Note { path: self.below(&path), line: 1, text, is_fault: true });
        }
        let mut left_out: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for package in found.left_out {
            left_out
                .entry((package.below, package.why))
                .or_default()
                .push((package.name, package.manifest));
        }
        for ((below, why), packages) in left_out {
            let names = packages.iter().take(MAX_NAMES).map(|(name, _)| format!("`{name}`"));
            let names = names.collect::<Vec<_>>().join(", ");
            let more = match packages.len().saturating_sub(MAX_NAMES) {
                0 => String::new(),
                more => format!(" and {more} more below `{}`", self.below(&below).display()),
            };
            let text = format!("{names}{more} not read, {why}: name the path to check it");
            let path = packages.first().map(|(_, path)| self.below(path)).unwrap_or(below);
            self.notes.push(Note { path, line: 1, text, is_fault: false });
        }
    }

    /// Files that were asked for and that no module names stand alone.
    fn add_lone_files(&mut self) {
        let known: HashSet<_> = self.gathered.files.iter().map(|file| file.path.clone()).collect();
        let faulty: HashSet<_> =
            self.gathered.faults.iter().map(|(path, ..)| path.clone()).collect();
        let is_new =
            |path: &&PathBuf| path.is_file() && !known.contains(*path) && !faulty.contains(*path);
        let lone: BTreeSet<_> = self.asked.iter().filter(is_new).cloned().collect();
        for path in lone {
            let root = path.parent().unwrap_or(&path).to_owned();
            let around = self.projects.iter().filter(|project| path.starts_with(&project.root));
            let around = around.max_by_key(|project| project.root.as_os_str().len());
            let project = Project {
                root: around.map_or(root, |project| project.root.clone()),
                own: vec![self.packages.len()],
                others: Vec::new(),
                metadata: around.and_then(|project| project.metadata.clone()),
            };
            self.projects.push(project);
            let package = [Package::of_file(&path)];
            let mut gathered = gather(&package, &Cache::default());
            for file in &mut gathered.files {
                file.package = self.packages.len();
            }
            self.packages.extend(package);
            self.gathered.files.append(&mut gathered.files);
            self.gathered.faults.append(&mut gathered.faults);
        }
    }

    fn note_faults(&mut self) {
        for (path, span, what) in &self.gathered.faults {
            let (line, _) = Lines::of(&text_of(path)).position(span.start);
            let path = self.below(path);
            self.notes.push(Note { path, line, text: what.clone(), is_fault: true });
        }
    }

    pub(super) fn below(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.base).unwrap_or(path).to_owned()
    }

    /// Whether findings in a file were asked for.
    pub(super) fn is_asked(&self, path: &Path) -> bool {
        self.asked.iter().any(|asked| path.starts_with(asked))
    }

    /// How many packages were read.
    pub(super) fn packages_read(&self) -> usize {
        let own: HashSet<_> = self.projects.iter().flat_map(|project| &project.own).collect();
        let read = self.gathered.files.iter().map(|file| &file.package);
        read.filter(|package| own.contains(package)).collect::<HashSet<_>>().len()
    }

    /// How many files below the sources of the packages no module names.
    pub(super) fn unnamed(&self) -> usize {
        let read: HashSet<_> = self.gathered.files.iter().map(|file| &file.path).collect();
        let faulty: HashSet<_> = self.gathered.faults.iter().map(|(path, ..)| path).collect();
        let below = |path: &Path| {
            self.packages.iter().any(|package| path.starts_with(package.folder.join("src")))
        };
        let is_test = |path: &Path| {
            self.gathered.left_out.iter().any(|test| {
                let folder = if test.ends_with("mod.rs") { test.parent() } else { None };
                path == test || path.starts_with(folder.unwrap_or(&test.with_extension("")))
            })
        };
        let unnamed = |path: &&PathBuf| {
            !read.contains(path) && !faulty.contains(path) && below(path) && !is_test(path)
        };
        self.sources.iter().filter(unnamed).count()
    }
}

/// The folder of the workspace, or else of the package, that `start` is in.
pub(super) fn root_above(start: &Path) -> Option<PathBuf> {
    let start = fs::canonicalize(start).ok()?;
    let mut package = None;
    for folder in start.ancestors() {
        let manifest = folder.join("Cargo.toml");
        if manifest.is_file()
            && let Ok(text) = fs::read_to_string(manifest)
        {
            if text.lines().any(|line| line.trim_start().starts_with("[workspace")) {
                return Some(folder.to_owned());
            }
            package.get_or_insert_with(|| folder.to_owned());
        }
    }
    package
}

fn common(a: &Path, b: &Path) -> PathBuf {
    a.iter().zip(b).take_while(|(a, b)| a == b).map(|(part, _)| part).collect()
}

pub(super) fn cache_below(root: &Path) -> Option<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let name = format!("facts-{:016x}", Cache::key(root.as_os_str().as_encoded_bytes()));
    target.is_dir().then(|| target.join("request-context").join(name))
}
