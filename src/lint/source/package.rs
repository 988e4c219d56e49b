//! The packages below a path, read from their manifests.
//!
//! Cargo is not asked: a toolchain file would make it fetch a toolchain, and it has to be there.

use ignore::WalkBuilder;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use toml::Table;
use toml::Value;

/// What a run is about.
#[derive(Debug, Default)]
pub(in crate::lint) struct Packages {
    pub(in crate::lint) packages: Vec<Package>,
    /// Each file of Rust that no ignore file leaves out.
    pub(in crate::lint) sources: Vec<PathBuf>,
    /// `metadata.request-context` of the workspace, or of its only package.
    pub(in crate::lint) metadata: Option<Value>,
    /// Manifests that are not TOML, and why.
    pub(in crate::lint) faults: Vec<(PathBuf, String)>,
}

/// One package: the files that its targets begin with.
#[derive(Debug)]
pub(in crate::lint) struct Package {
    pub(in crate::lint) name: String,
    pub(in crate::lint) folder: PathBuf,
    pub(in crate::lint) roots: Vec<PathBuf>,
}

impl Packages {
    /// The packages of the workspace at `root`, or those below it where it is none.
    pub(in crate::lint) fn below(root: &Path, all_targets: bool) -> Self {
        let mut found = Self::default();
        let mut manifests = BTreeMap::new();
        for entry in WalkBuilder::new(root).require_git(false).build().flatten() {
            let path = entry.path();
            if path.file_name().is_some_and(|name| name == "Cargo.toml") {
                match fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).parse::<Table>()) {
                    Ok(Ok(table)) => {
                        manifests.insert(path.parent().unwrap_or(root).to_owned(), table);
                    }
                    Ok(Err(error)) => {
                        found.faults.push((path.to_owned(), error.message().to_owned()));
                    }
                    Err(error) => found.faults.push((path.to_owned(), error.to_string())),
                }
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.sources.push(path.to_owned());
            }
        }
        let members = members(root, &manifests);
        found.metadata = manifests.get(root).and_then(|manifest| {
            let of = |table: &str| manifest.get(table)?.get("metadata")?.get("request-context");
            of("workspace").or_else(|| of("package")).cloned()
        });
        for folder in members {
            let Some(manifest) = manifests.get(&folder) else { continue };
            if let Some(package) = Package::new(&folder, manifest, all_targets) {
                found.packages.push(package);
            }
        }
        found
    }
}

/// The folders of the packages that belong together.
fn members(root: &Path, manifests: &BTreeMap<PathBuf, Table>) -> BTreeSet<PathBuf> {
    let Some(manifest) = manifests.get(root) else { return manifests.keys().cloned().collect() };
    let mut members = BTreeSet::from([root.to_owned()]);
    if let Some(workspace) = manifest.get("workspace") {
        let patterns = |key: &str| strings(workspace.get(key));
        let (wanted, excluded) = (patterns("members"), patterns("exclude"));
        for folder in manifests.keys() {
            let Ok(below) = folder.strip_prefix(root) else { continue };
            let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
            let fits = |pattern: &String| {
                let parts = pattern.split('/').filter(|part| !part.is_empty() && *part != ".");
                fits(&parts.collect::<Vec<_>>(), &names)
            };
            if wanted.iter().any(fits) && !excluded.iter().any(fits) {
                members.insert(folder.clone());
            }
        }
    }
    // Path dependencies below the root belong to it without being named.
    let mut to_see: Vec<_> = members.iter().cloned().collect();
    while let Some(folder) = to_see.pop() {
        let Some(manifest) = manifests.get(&folder) else { continue };
        for path in dependencies(manifest) {
            let path = normal(&folder.join(path));
            if path.starts_with(root)
                && manifests.contains_key(&path)
                && members.insert(path.clone())
            {
                to_see.push(path);
            }
        }
    }
    members
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn dependencies(manifest: &Table) -> Vec<String> {
    let in_workspace =
        manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let tables = ["dependencies", "build-dependencies"].map(|key| manifest.get(key));
    let tables = tables.into_iter().chain([in_workspace]).flatten().filter_map(Value::as_table);
    let paths =
        tables.flat_map(|table| table.values()).filter_map(|value| value.get("path")?.as_str());
    paths.map(str::to_owned).collect()
}

/// Whether the parts of a pattern fit the names of a path.
fn fits<S: AsRef<str>>(pattern: &[&str], names: &[S]) -> bool {
    match (pattern, names) {
        ([], []) => true,
        (["**", rest @ ..], _) => (0..=names.len()).any(|skip| fits(rest, &names[skip..])),
        ([part, rest @ ..], [name, names @ ..]) => {
            fits_part(part, name.as_ref()) && fits(rest, names)
        }
        _ => false,
    }
}

fn fits_part(part: &str, name: &str) -> bool {
    match part.split_once('*') {
        None => part == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            (0..=name.len()).any(|at| name.is_char_boundary(at) && fits_part(rest, &name[at..]))
        }),
    }
}

/// The path without `.` and `..`, by its text alone.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

impl Package {
    fn new(folder: &Path, manifest: &Table, all_targets: bool) -> Option<Self> {
        let name = manifest.get("package")?.get("name")?.as_str()?.replace('-', "_");
        let mut roots = BTreeSet::new();
        let mut root = |path: PathBuf| {
            if path.is_file() {
                roots.insert(normal(&path));
            }
        };
        root(folder.join("src/lib.rs"));
        root(folder.join("src/main.rs"));
        targets_in(&folder.join("src/bin"), &mut root);
        let mut kinds = vec!["lib", "bin"];
        if all_targets {
            kinds.extend(["test", "example", "bench"]);
            for place in ["tests", "examples", "benches"] {
                targets_in(&folder.join(place), &mut root);
            }
            root(folder.join("build.rs"));
        }
        for target in kinds.iter().filter_map(|kind| manifest.get(*kind)) {
            let targets = target.as_array().map_or(std::slice::from_ref(target), Vec::as_slice);
            for path in targets.iter().filter_map(|target| target.get("path")?.as_str()) {
                root(folder.join(path));
            }
        }
        Some(Self { name, folder: folder.to_owned(), roots: roots.into_iter().collect() })
    }

    /// A file alone.
    pub(in crate::lint) fn of_file(path: &Path) -> Self {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = path.parent().unwrap_or(path).to_owned();
        Self { name, folder, roots: vec![path.to_owned()] }
    }
}

/// The targets that cargo finds by itself: `x.rs` and `x/main.rs`.
fn targets_in(folder: &Path, root: &mut impl FnMut(PathBuf)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "rs") {
            root(path);
        } else {
            root(path.join("main.rs"));
        }
    }
}
