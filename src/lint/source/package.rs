//! One package: the files that its targets begin with.

use super::members::normal;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use toml::Table;

/// One package: the files that its targets begin with.
#[derive(Clone, Debug)]
pub(in crate::lint) struct Package {
    pub(in crate::lint) name: String,
    pub(in crate::lint) folder: PathBuf,
    pub(in crate::lint) roots: Vec<PathBuf>,
}

impl Package {
    pub(super) fn new(folder: &Path, manifest: &Table, all_targets: bool) -> Option<Self> {
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
