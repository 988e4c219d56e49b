//! What is left to clippy, since it checks that by type.

use super::clippy::GUARDS;
use super::clippy::MACROS;
use super::clippy::SPAWNS;
use super::clippy::paths;
use super::facts::Spawn;
use super::source::Package;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use toml::Table;

/// The paths that each package's `clippy.toml` bans.
#[derive(Debug, Default)]
pub(super) struct InClippy(Vec<BTreeSet<String>>);

impl InClippy {
    pub(super) fn of(packages: &[Package]) -> Self {
        let mut known = BTreeMap::new();
        Self(packages.iter().map(|package| banned(&package.folder, &mut known)).collect())
    }

    fn bans(&self, package: usize, path: &str) -> bool {
        self.0.get(package).is_some_and(|banned| banned.contains(path))
    }

    /// Whether clippy reports this call. Where only the receiver's name tells its type, what that does
    /// not tell is not left.
    pub(super) fn has_spawn(&self, package: usize, spawn: &Spawn) -> bool {
        let Some(banned) = self.0.get(package).filter(|banned| !banned.is_empty()) else {
            return false;
        };
        let Some(method) = spawn.callee.strip_prefix('.') else {
            let callee = &*spawn.callee;
            return banned.contains(callee)
                || callee
                    .strip_prefix("tokio::")
                    .is_some_and(|name| banned.contains(&format!("tokio::task::{name}")));
        };
        let receiver = spawn.receiver.names.last().map(|name| name.to_lowercase());
        let types = types_of(receiver.as_deref().unwrap_or_default(), method);
        types.iter().any(|ty| banned.contains(&format!("{ty}::{method}")))
    }

    pub(super) fn has_task_local(&self, package: usize) -> bool {
        self.bans(package, "tokio::task_local")
    }

    pub(super) fn has_guards(&self, package: usize) -> bool {
        ["tracing::span::Entered", "tracing::span::EnteredSpan"]
            .iter()
            .all(|guard| self.bans(package, guard))
    }
}

/// The types of the block that a receiver of this name may have.
fn types_of(receiver: &str, method: &str) -> &'static [&'static str] {
    const SETS: &[&str] = &["tokio::task::JoinSet", "tokio::task::LocalSet"];
    const RUNTIMES: &[&str] = &["tokio::runtime::Handle", "tokio::runtime::Runtime"];
    const THREADS: &[&str] = &["std::thread::Builder", "std::thread::Scope"];
    const ALL: &[&str] = &[
        "tokio::task::JoinSet",
        "tokio::task::LocalSet",
        "tokio::runtime::Handle",
        "tokio::runtime::Runtime",
        "std::thread::Builder",
        "std::thread::Scope",
    ];
    const OTHERS: &[&str] = &["tracker", "pool", "arbiter", "executor", "spawner", "system"];
    let has = |parts: &[&str]| parts.iter().any(|part| receiver.contains(part));
    if has(OTHERS) {
        &[]
    } else if has(&["set", "tasks", "local"]) {
        SETS
    } else if has(&["handle", "runtime", "current()"])
        || receiver.split('_').any(|part| part == "rt")
    {
        RUNTIMES
    } else if has(&["builder", "scope", "name()", "stack_size()", "new()"]) || receiver == "s" {
        THREADS
    } else if method == "spawn" {
        &[]
    } else {
        ALL
    }
}

/// What the `clippy.toml` that clippy finds for a folder bans: the nearest one, in it or above.
fn banned(folder: &Path, known: &mut BTreeMap<PathBuf, BTreeSet<String>>) -> BTreeSet<String> {
    if let Some(banned) = known.get(folder) {
        return banned.clone();
    }
    // In the order in which clippy looks for them.
    let names = [".clippy.toml", "clippy.toml"];
    let text = names.iter().find_map(|name| fs::read_to_string(folder.join(name)).ok());
    let found = match (text, folder.parent()) {
        (Some(text), _) => {
            let there: Table = text.parse().unwrap_or_default();
            [SPAWNS, MACROS, GUARDS].iter().flat_map(|key| paths(there.get(*key))).collect()
        }
        (None, Some(above)) => banned(above, known),
        (None, None) => BTreeSet::new(),
    };
    known.insert(folder.to_owned(), found.clone());
    found
}
