//! Which requests come to a function: the routes of all routers, with what each leads to.

use super::parse::parsed;
use crate::lint::extract::At;
use crate::lint::extract::Mount;
use crate::lint::extract::Routes as RoutesOfFile;
use crate::lint::extract::joined;
use crate::lint::extract::routes;
use crate::lint::resolve::Workspace;
use std::collections::HashMap;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::fs;
use std::panic;

/// Routers inside routers that are followed.
const MAX_DEPTH: u8 = 16;

/// One method of one path, and the functions that it leads to.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: String,
    /// From the root; none where a part of it is not written out.
    pub(super) path: Option<String>,
    pub(super) handler: usize,
    /// Each function that it comes to, with how many calls are between.
    reached: HashMap<usize, u32>,
}

impl Route {
    /// How many calls it is to the nearest of `functions`.
    pub(super) fn steps_to(&self, functions: &[usize]) -> Option<u32> {
        functions.iter().filter_map(|id| self.reached.get(id).copied()).min()
    }
}

/// All routes of `workspace`.
pub(super) fn all(workspace: &Workspace<'_>) -> Vec<Route> {
    let routers = Routers { workspace, files: read(workspace) };
    let mut all = Vec::new();
    for (file, found) in &routers.files {
        for route in &found.routes {
            let prefix = routers.prefix(*file, &route.at, 0);
            let path = prefix.zip(route.path.as_ref()).map(|(prefix, path)| joined(&prefix, path));
            for handler in routers.functions(*file, &route.at, &route.handler) {
                let (method, path) = (route.method.clone(), path.clone());
                let reached = reached(workspace, handler);
                all.push(Route { method, path, handler, reached });
            }
        }
    }
    all
}

/// What each file says of routers; nothing where there can be no thread.
fn read(workspace: &Workspace<'_>) -> Vec<(usize, RoutesOfFile)> {
    let mut texts = Vec::new();
    for (at, file) in workspace.files.iter().enumerate() {
        let text = fs::read_to_string(&file.path).unwrap_or_default();
        if [".route(", ".nest(", ".merge("].iter().any(|call| text.contains(call)) {
            texts.push((at, text));
        }
    }
    // What the parser fails on has no routes.
    let read = |text: &str| panic::catch_unwind(|| routes(text)).unwrap_or_default();
    parsed(|| texts.iter().map(|(at, text)| (*at, read(text))).collect())
}

struct Routers<'w, 'a> {
    workspace: &'w Workspace<'a>,
    files: Vec<(usize, RoutesOfFile)>,
}

impl Routers<'_, '_> {
    /// What stands before the paths of the router that is put together at a place, by the first router
    /// that it is in.
    fn prefix(&self, file: usize, at: &At, depth: u8) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        let around = self.variable_around(file, at).or_else(|| self.call_around(file, at));
        let Some((other, mount)) = around else { return Some(String::new()) };
        let outer = self.prefix(other, &mount.at, depth + 1)?;
        Some(joined(&outer, mount.prefix.as_ref()?))
    }

    /// The router of the same function that a variable is put into.
    fn variable_around(&self, file: usize, at: &At) -> Option<(usize, &Mount)> {
        let (_, found) = self.files.iter().find(|(other, _)| *other == file)?;
        let mut mounts = found.mounts.iter().filter(|mount| mount.is_variable);
        let is_here = |mount: &&Mount| {
            mount.at.function == at.function
                && mount.mounted == at.variable
                && !at.variable.is_empty()
        };
        mounts.find(is_here).map(|mount| (file, mount))
    }

    /// The router that what a function returns is put into.
    fn call_around(&self, file: usize, at: &At) -> Option<(usize, &Mount)> {
        let is_it = |id: &usize| {
            let function = &self.workspace.functions[*id];
            function.file == file && function.facts.name == at.function
        };
        self.files.iter().find_map(|(other, found)| {
            let mut mounts = found.mounts.iter().filter(|mount| !mount.is_variable);
            let of_it = mounts
                .find(|mount| self.functions(*other, &mount.at, &mount.mounted).iter().any(is_it));
            of_it.map(|mount| (*other, mount))
        })
    }

    /// The functions that a path names, where a router is put together.
    fn functions(&self, file: usize, at: &At, path: &str) -> Vec<usize> {
        let workspace = self.workspace;
        let named = workspace.by_name.get(&*at.function).map(Vec::as_slice).unwrap_or_default();
        let own = named.iter().copied().find(|id| workspace.functions[*id].file == file);
        let Some(from) = own.or_else(|| workspace.first_of.get(&file).copied()) else {
            return Vec::new();
        };
        let (qualifier, name) = path.rsplit_once("::").unwrap_or(("", path));
        let qualifier = qualifier.rsplit("::").next().unwrap_or_default();
        workspace.path_targets(from, qualifier, name)
    }
}

/// The functions that a call of `from` comes to.
fn reached(workspace: &Workspace<'_>, from: usize) -> HashMap<usize, u32> {
    let mut reached = HashMap::from([(from, 0)]);
    let mut to_see = VecDeque::from([(from, 0)]);
    while let Some((id, steps)) = to_see.pop_front() {
        for call in &workspace.functions[id].facts.calls {
            for target in workspace.targets(id, call) {
                if let Entry::Vacant(new) = reached.entry(target) {
                    new.insert(steps + 1);
                    to_see.push_back((target, steps + 1));
                }
            }
        }
    }
    reached
}
