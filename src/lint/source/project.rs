//! The workspaces and lone packages below a folder, read from their manifests.
//!
//! Cargo is not asked: a toolchain file would make it fetch a toolchain, and it has to be there.

use super::Package;
use super::members::dependencies;
use super::members::members;
use super::members::normal;
use super::members::strings;
use ignore::DirEntry;
use ignore::WalkBuilder;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use toml::Table;
use toml::Value;

/// What is below a folder.
#[derive(Debug, Default)]
pub(in crate::lint) struct Projects {
    pub(in crate::lint) projects: Vec<Project>,
    pub(in crate::lint) packages: Vec<Package>,
    /// Each file of Rust that no ignore file leaves out.
    pub(in crate::lint) sources: Vec<PathBuf>,
    /// Manifests and folders that could not be read, and why.
    pub(in crate::lint) faults: Vec<(PathBuf, String)>,
    /// Packages that are not read: where they begin to be left out, the manifest, and why.
    pub(in crate::lint) left_out: Vec<LeftOut>,
}

/// A workspace, or a package of none: it has settings of its own.
#[derive(Debug)]
pub(in crate::lint) struct Project {
    pub(in crate::lint) root: PathBuf,
    /// Its packages, as indices.
    pub(in crate::lint) own: Vec<usize>,
    /// Those outside it that it depends on by path: they tell what its names mean.
    pub(in crate::lint) others: Vec<usize>,
    /// `metadata.request-context` of the workspace, or of its only package.
    pub(in crate::lint) metadata: Option<Value>,
}

/// A package that is not read.
#[derive(Debug)]
pub(in crate::lint) struct LeftOut {
    /// The outermost folder that is left out with it.
    pub(in crate::lint) below: PathBuf,
    pub(in crate::lint) manifest: PathBuf,
    pub(in crate::lint) name: String,
    pub(in crate::lint) why: &'static str,
}

type Manifests = BTreeMap<PathBuf, Table>;

impl Projects {
    /// What is below `root` and has to do with one of the paths `asked` for.
    pub(in crate::lint) fn below(root: &Path, asked: &[PathBuf], all_targets: bool) -> Self {
        let mut found = Self::default();
        let manifests = found.walk(root);
        let mut known = BTreeSet::new();
        let mut excluded = Vec::new();
        let mut wholes = Vec::new();
        // A workspace comes before what is below it.
        for (folder, manifest) in &manifests {
            if known.contains(folder) {
                continue;
            }
            if let Some((below, why)) = left_out(folder, root, asked, &excluded, all_targets) {
                if let Some(name) = name_of(manifest) {
                    let manifest = folder.join("Cargo.toml");
                    found.left_out.push(LeftOut { below, manifest, name, why });
                }
                continue;
            }
            let own: Vec<_> = members(folder, &manifests)
                .into_iter()
                .filter(|member| known.insert(member.clone()))
                .collect();
            let metadata = metadata(manifest);
            let exclude = metadata.as_ref().and_then(|metadata| metadata.get("exclude"));
            excluded.extend(strings(exclude).iter().map(|path| normal(&folder.join(path))));
            wholes.push((folder.clone(), own, metadata));
        }
        let wanted = |own: &[PathBuf]| {
            own.iter().any(|folder| asked.iter().any(|asked| folder.starts_with(asked)))
        };
        let around: BTreeSet<_> =
            asked.iter().filter_map(|asked| innermost(asked, &wholes)).collect();
        let mut indices = BTreeMap::new();
        let mut index = |folder: &PathBuf, packages: &mut Vec<Package>| {
            if let Some(index) = indices.get(folder) {
                return *index;
            }
            let package = Package::new(folder, manifests.get(folder)?, all_targets);
            let index = package.map(|package| {
                packages.push(package);
                packages.len() - 1
            });
            indices.insert(folder.clone(), index);
            index
        };
        for (at, (root, own, metadata)) in wholes.into_iter().enumerate() {
            if !(wanted(&own) || around.contains(&at)) {
                continue;
            }
            let others = others(&own, &manifests);
            let packages = &mut found.packages;
            found.projects.push(Project {
                root,
                own: own.iter().filter_map(|folder| index(folder, packages)).collect(),
                others: others.iter().filter_map(|folder| index(folder, packages)).collect(),
                metadata,
            });
        }
        found.projects.retain(|project| !project.own.is_empty());
        found
    }

    fn walk(&mut self, root: &Path) -> Manifests {
        let mut manifests = Manifests::new();
        let walk = WalkBuilder::new(root).require_git(false).filter_entry(is_source).build();
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.faults.push((root.to_owned(), format!("not all of it was read: {error}")));
                    continue;
                }
            };
            let path = entry.path();
            // Whoever reads a pipe waits for ever.
            if !path.is_file() {
                continue;
            }
            if path.file_name().is_some_and(|name| name == "Cargo.toml") {
                let bytes = fs::read(path).map_err(|error| format!("cannot be opened: {error}"));
                let table = bytes.and_then(|bytes| {
                    let text = String::from_utf8_lossy(&bytes);
                    text.parse::<Table>()
                        .map_err(|error| format!("is no TOML: {}", error.message()))
                });
                match table {
                    Ok(table) => {
                        manifests.insert(path.parent().unwrap_or(root).to_owned(), table);
                    }
                    Err(what) => {
                        self.faults.push((path.to_owned(), format!("was not read: it {what}")));
                    }
                }
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                self.sources.push(path.to_owned());
            }
        }
        manifests
    }
}

/// No folder that cargo or another tool builds into, whatever it is called.
fn is_source(entry: &DirEntry) -> bool {
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    !is_folder || entry.depth() == 0 || !entry.path().join("CACHEDIR.TAG").is_file()
}

/// From which folder on, and why, a package is not read unless its path is asked for.
fn left_out(
    folder: &Path,
    root: &Path,
    asked: &[PathBuf],
    excluded: &[PathBuf],
    all_targets: bool,
) -> Option<(PathBuf, &'static str)> {
    if asked.iter().any(|asked| asked.starts_with(folder)) {
        return None;
    }
    let near = asked.iter().filter(|asked| folder.starts_with(asked));
    let from = near.max_by_key(|asked| asked.as_os_str().len()).map_or(root, PathBuf::as_path);
    let is_asked = |path: &PathBuf| asked.iter().any(|asked| asked.starts_with(path));
    if let Some(path) = excluded.iter().find(|path| folder.starts_with(path) && !is_asked(path)) {
        return Some((path.clone(), "as the settings exclude it"));
    }
    let mut below = from.to_owned();
    for part in folder.strip_prefix(from).ok()? {
        below.push(part);
        let why = match part.to_str().unwrap_or_default() {
            "tests" | "test" | "examples" | "example" | "benches" | "bench" | "fuzz"
                if !all_targets =>
            {
                "as tests, examples and benches are not"
            }
            "fixtures" | "fixture" | "testdata" | "test_data" | "test-data" => {
                "as it is data of tests"
            }
            "vendor" | "vendored" | "third_party" | "third-party" | "node_modules" => {
                "as it is a copy of somebody else's"
            }
            "target" => "as it was built",
            _ if below.join(".cargo-checksum.json").is_file() => {
                "as it is a copy of somebody else's"
            }
            _ => continue,
        };
        return Some((below, why));
    }
    None
}

fn name_of(manifest: &Table) -> Option<String> {
    Some(manifest.get("package")?.get("name")?.as_str()?.to_owned())
}

fn metadata(manifest: &Table) -> Option<Value> {
    let of = |table: &str| manifest.get(table)?.get("metadata")?.get("request-context");
    of("workspace").or_else(|| of("package")).cloned()
}

/// The whole that the innermost package around a path is of.
fn innermost(path: &Path, wholes: &[(PathBuf, Vec<PathBuf>, Option<Value>)]) -> Option<usize> {
    let folders = wholes.iter().enumerate().flat_map(|(at, (_, own, _))| {
        own.iter().filter(|folder| path.starts_with(folder)).map(move |folder| (folder, at))
    });
    folders.max_by_key(|(folder, _)| folder.as_os_str().len()).map(|(_, at)| at)
}

/// The packages that those of `own` depend on by path, and that are not among them.
fn others(own: &[PathBuf], manifests: &Manifests) -> Vec<PathBuf> {
    let mut seen: BTreeSet<_> = own.iter().cloned().collect();
    let (mut to_see, mut others) = (own.to_vec(), Vec::new());
    while let Some(folder) = to_see.pop() {
        for path in manifests.get(&folder).into_iter().flat_map(dependencies) {
            let path = normal(&folder.join(path));
            if manifests.contains_key(&path) && seen.insert(path.clone()) {
                others.push(path.clone());
                to_see.push(path);
            }
        }
    }
    others
}
