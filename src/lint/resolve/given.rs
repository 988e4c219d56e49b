//! The state of an app that is no struct: a map, a slot or a channel, which handlers are given as it stands.

use super::Container;
use super::Function;
use super::Shared;
use super::SharedKind;
use super::Workspace;
use crate::lint::facts::Place;
use crate::lint::facts::Ty;
use std::collections::HashMap;
use std::collections::HashSet;

impl<'a> Workspace<'a> {
    /// The state of the app that is a map, a slot or a channel as it stands.
    pub(super) fn given(&self, all: &mut Vec<Shared<'a>>) {
        let mut given_by = self.given_by();
        let called = self.called_themselves();
        for (id, function) in self.functions.iter().enumerate() {
            if !self.reach.is_entry(id) {
                continue;
            }
            let file = function.file;
            for param in &function.facts.params {
                let Some(name) = param.names.first() else { continue };
                let (ty, is_said) = given_type(&param.ty);
                let (_, expanded) = self.expanded(file, ty);
                let container = self.container(file, ty);
                // The fields of a type of the workspace are pieces of their own.
                let is_type = matches!(&container, Container::Slot(inner)
                    if self.type_named(file, inner).is_some());
                let package = self.files[file].package;
                if container == Container::Other
                    || is_type
                    || !is_said && (expanded.name != "Arc" || !self.is_for_router(id, &called))
                {
                    continue;
                }
                // Each is told of once.
                let Some(by) = given_by.remove(&(package, expanded)) else { continue };
                let (at, span, scope, name) = match self.type_named(file, ty) {
                    Some((at, decl)) => (at, decl.span, decl.scope, &*decl.name),
                    None => (file, param.span, function.facts.scope, &**name),
                };
                all.push(Shared {
                    file: at,
                    span,
                    path: format!("{}::{name}", self.module_of(at, scope)),
                    name,
                    kind: SharedKind::Given(by),
                    container,
                    ty: ty.clone(),
                    is_generic: false,
                });
            }
        }
    }

    /// Whether a router is given a function that no other one calls: who calls it may give it what is its own.
    fn is_for_router(&self, id: usize, called: &HashSet<usize>) -> bool {
        self.reach.is_of_router(id) && !called.contains(&id)
    }

    /// The functions that routers are given, with an `Arc` among their parameters, and that others
    /// call.
    fn called_themselves(&self) -> HashSet<usize> {
        let is_given = |id: &usize| {
            let Function { file, facts } = &self.functions[*id];
            let is_shared = |ty: &Ty| !is_state(ty) && self.expanded(*file, ty).1.name == "Arc";
            self.reach.is_of_router(*id) && facts.params.iter().any(|param| is_shared(&param.ty))
        };
        let given = (0..self.functions.len()).filter(is_given);
        let names: HashSet<_> = given.map(|id| &*self.functions[id].facts.name).collect();
        let mut called = HashSet::new();
        for (from, function) in self.functions.iter().enumerate().filter(|_| !names.is_empty()) {
            let routes = &self.files[function.file].facts.routes;
            // What hands it to a router names it as well.
            let is_route =
                |name: &str| routes.iter().any(|path| path.rsplit("::").next() == Some(name));
            let calls = function.facts.calls.iter();
            for call in calls.filter(|call| names.contains(&*call.name) && !is_route(&call.name)) {
                called.extend(self.targets(from, call));
            }
        }
        called
    }

    /// The parameters of each package that are of a type, by their functions and names.
    fn given_by(&self) -> HashMap<(usize, Ty), Vec<(usize, String)>> {
        let mut by: HashMap<_, Vec<_>> = HashMap::new();
        for (id, function) in self.functions.iter().enumerate() {
            let package = self.files[function.file].package;
            for param in &function.facts.params {
                let Some(name) = param.names.first() else { continue };
                let (_, ty) = self.expanded(function.file, given_type(&param.ty).0);
                by.entry((package, ty)).or_default().push((id, name.clone()));
            }
        }
        by
    }
}

/// The type of what a parameter gives, and whether the text says that this is the state of the app.
fn given_type(ty: &Ty) -> (&Ty, bool) {
    match &*ty.args {
        [inner] if is_state(ty) => (inner, true),
        _ => (ty, false),
    }
}

pub(super) fn is_state(ty: &Ty) -> bool {
    matches!(&*ty.name, "State" | "Data" | "Extension")
}

/// Whether a place is all that `name` stands for.
pub(super) fn is_all_of(place: &Place, name: &str) -> bool {
    let mut names = place.names.iter();
    names.next().is_some_and(|first| first == name) && names.all(|name| name.ends_with("()"))
}
