//! `Way`: the requests by which a test reaches what a finding is about.

use super::inputs::Inputs;
use super::routes::Route;
use super::routes::all;
use crate::lint::Level;
use crate::lint::Rule;
use crate::lint::facts::Access;
use crate::lint::resolve::Workspace;
use crate::lint::rules::Found;
use std::path::Path;
use std::path::PathBuf;

/// How many routes to the same state are tried.
const MAX_ROUTES: usize = 8;

/// The requests by which a test reaches what a finding is about.
#[derive(Clone, Debug)]
pub(in crate::lint) struct Way {
    /// The packages that its test may stand in: that of the handler, and that of the state.
    pub(super) folders: Vec<PathBuf>,
    /// The path of the state.
    pub(super) state: String,
    /// The requests that write it and those that read it, the likeliest first.
    pub(super) writers: Vec<Request>,
    pub(super) readers: Vec<Request>,
}

/// A request that a handler takes.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    /// The name of the handler.
    pub(super) handler: String,
    pub(super) inputs: Inputs,
}

/// Finds the way for each finding of a check.
#[derive(Debug)]
pub(in crate::lint) struct Ways<'w, 'a> {
    workspace: &'w Workspace<'a>,
    routes: Vec<Route>,
}

/// Who writes and who reads some state.
#[derive(Default)]
struct Users {
    writers: Vec<usize>,
    readers: Vec<usize>,
}

impl<'w, 'a> Ways<'w, 'a> {
    pub(in crate::lint) fn of(workspace: &'w Workspace<'a>) -> Self {
        Self { workspace, routes: all(workspace) }
    }

    /// The way to a finding for review, or why there is none; nothing for another one.
    pub(in crate::lint) fn to(&self, rule: &Rule, found: &Found) -> Option<Result<Way, String>> {
        (rule.level() == Level::Review).then(|| self.find(rule, found))
    }

    fn find(&self, rule: &Rule, found: &Found) -> Result<Way, String> {
        if rule.code() == "S006" {
            return Err("who listens has to be there before the message, and a visitor of a leak \
                        test sends one request after the other"
                .to_owned());
        }
        let users = self.users(found);
        let both: Vec<_> = users.writers.iter().chain(&users.readers).copied().collect();
        if both.is_empty() {
            return Err("no function that names it was found".to_owned());
        }
        let mut writers = self.nearest(&users.writers, false);
        if writers.is_empty() {
            writers = self.nearest(&both, false);
        }
        let Some(first) = writers.first() else {
            return Err("no route that was found leads to a function that uses it".to_owned());
        };
        // Without a reader, the writer may answer with what it keeps.
        let mut readers = self.nearest(&users.readers, true);
        if readers.is_empty() {
            readers = self.nearest(&both, true);
        }
        let of_handler = self.workspace.functions[first.handler].file;
        let folders: Vec<_> =
            [of_handler, found.file].into_iter().filter_map(|file| self.package(file)).collect();
        if folders.is_empty() {
            return Err("no package is around its file".to_owned());
        }
        let (writers, readers) = (self.requests(&writers)?, self.requests(&readers)?);
        Ok(Way { folders, state: found.item.clone(), writers, readers })
    }

    /// The folder of the package that a file is in.
    fn package(&self, file: usize) -> Option<PathBuf> {
        let folders = self.workspace.files[file].path.ancestors().skip(1);
        let mut folders = folders.filter(|folder| folder.join("Cargo.toml").is_file());
        folders.next().map(Path::to_owned)
    }

    fn users(&self, found: &Found) -> Users {
        let workspace = self.workspace;
        let mut users = Users::default();
        let is_it = |shared: &&crate::lint::resolve::Shared<'_>| {
            shared.path == found.item && shared.ty.to_string() == found.key
        };
        if let Some(shared) = workspace.shared.iter().find(is_it) {
            for (id, access) in workspace.accesses_to(shared) {
                if writes(access) {
                    users.writers.push(id);
                }
                if reads(access) {
                    users.readers.push(id);
                }
            }
            if users.writers.is_empty() && users.readers.is_empty() {
                let all = workspace.users_of(shared.file, shared.name);
                users.readers = all.into_iter().map(|(id, _)| id).collect();
            }
        } else {
            // A function whose results are kept.
            let functions = workspace.functions.iter().enumerate();
            let of_path =
                functions.filter(|(_, function)| workspace.path_of(function) == found.item);
            users.readers = of_path.map(|(id, _)| id).collect();
        }
        users
    }

    /// The routes to one of `functions`: those that read, or write, by their method before others, and then
    /// those with fewer calls between.
    fn nearest(&self, functions: &[usize], reads: bool) -> Vec<&Route> {
        let steps = |route: &Route| route.steps_to(functions);
        let mut led: Vec<_> = self.routes.iter().filter(|route| steps(route).is_some()).collect();
        led.sort_by_key(|route| {
            (route.path.is_none(), by_method(&route.method, reads), steps(route))
        });
        led.truncate(MAX_ROUTES);
        led
    }

    /// What is sent to these routes, as far as their paths are known.
    fn requests(&self, routes: &[&Route]) -> Result<Vec<Request>, String> {
        let mut requests = Vec::new();
        for route in routes {
            let handler = &self.workspace.functions[route.handler];
            let name = &handler.facts.name;
            match route.path.clone() {
                Some(path) => requests.push(Request {
                    method: route.method.clone(),
                    path,
                    handler: name.clone(),
                    inputs: Inputs::of(self.workspace, handler),
                }),
                None if requests.is_empty() => {
                    return Err(format!(
                        "the path of `{name}` is not written out where it is routed"
                    ));
                }
                None => {}
            }
        }
        Ok(requests)
    }
}

/// How soon a route is tried as the one that reads, or as the one that writes.
fn by_method(method: &str, reads: bool) -> u8 {
    match method {
        "GET" => u8::from(!reads) * 2,
        "POST" | "PUT" => u8::from(reads),
        // These change what is there already, or take it away.
        _ => 1 + u8::from(!reads) * 2,
    }
}

fn writes(access: &Access) -> bool {
    let in_place = ["=", "entry", "get_mut", "insert", "upsert", "push", "extend", "store", "put"];
    access.value.is_some() || in_place.contains(&&*access.method)
}

fn reads(access: &Access) -> bool {
    !matches!(&*access.method, "=" | "insert" | "upsert" | "store" | "put" | "clear")
}
