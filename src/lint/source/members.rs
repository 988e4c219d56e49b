//! Which packages belong to a workspace.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use toml::Table;
use toml::Value;

/// The folders of the packages that belong together.
pub(super) fn members(root: &Path, manifests: &BTreeMap<PathBuf, Table>) -> BTreeSet<PathBuf> {
    let mut members = BTreeSet::from([root.to_owned()]);
    let workspace = manifests.get(root).and_then(|manifest| manifest.get("workspace"));
    let patterns = |key: &str| strings(workspace.and_then(|workspace| workspace.get(key)));
    let (wanted, excluded) = (patterns("members"), patterns("exclude"));
    let has_own_workspace = |folder: &Path| {
        folder != root
            && manifests.get(folder).is_some_and(|manifest| manifest.contains_key("workspace"))
    };
    // As cargo has it: what is excluded is so with all below it, unless it is named itself.
    let is_excluded = |folder: &Path| {
        let is_named = wanted.iter().any(|path| normal(&root.join(path)) == *folder);
        !is_named && excluded.iter().any(|path| folder.starts_with(normal(&root.join(path))))
    };
    if workspace.is_some() {
        for folder in manifests.keys() {
            let Ok(below) = folder.strip_prefix(root) else { continue };
            let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
            let fits = |pattern: &String| {
                let parts = pattern.split('/').filter(|part| !part.is_empty() && *part != ".");
                fits(&parts.collect::<Vec<_>>(), &names)
            };
            if wanted.iter().any(fits) && !is_excluded(folder) && !has_own_workspace(folder) {
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
                && !is_excluded(&path)
                && !has_own_workspace(&path)
                && members.insert(path.clone())
            {
                to_see.push(path);
            }
        }
    }
    members
}

pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(super) fn dependencies(manifest: &Table) -> Vec<String> {
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
            // There is nothing above the root.
            Component::ParentDir if normal.has_root() => {}
            part => normal.push(part),
        }
    }
    normal
}
