//! Which functions a call may lead to.

use super::Workspace;
use super::receivers::Receiver;
use crate::lint::facts::Call;
use crate::lint::facts::CallKind;

/// A method's name that so many types have says nothing of which is meant.
const MAX_METHODS: usize = 2;
/// As many types may have a method by one trait.
const MAX_IMPLEMENTATIONS: usize = 12;

impl Workspace<'_> {
    /// The functions that `call`, in the function `from`, may lead to.
    pub(in crate::lint) fn targets(&self, from: usize, call: &Call) -> Vec<usize> {
        self.targets_and_how(from, call).0
    }

    /// The functions that `call` may lead to, and whether no more than their name tells.
    pub(in crate::lint) fn targets_and_how(&self, from: usize, call: &Call) -> (Vec<usize>, bool) {
        let (mut targets, is_by_name) = self.all_targets(from, call);
        // What stands in for a part in tests is not what a request comes to.
        if !self.is_for_tests(from) {
            targets.retain(|id| !self.is_for_tests(*id));
        }
        // A name of several words, of one type or trait, is meant.
        let is_guess = is_by_name
            && (!call.name.trim_matches('_').contains('_') || !self.are_of_one(&targets));
        (targets, is_guess)
    }

    fn is_for_tests(&self, id: usize) -> bool {
        let module = &self.files[self.functions[id].file].module;
        module.split(['_', ':']).any(|word| {
            matches!(word, "test" | "tests" | "testing" | "mock" | "mocks" | "testutil" | "bench")
        })
    }

    /// The targets, and whether they were found by their name alone.
    fn all_targets(&self, from: usize, call: &Call) -> (Vec<usize>, bool) {
        let function = &self.functions[from];
        let targets = match call.kind {
            CallKind::Macro => {
                let mut imports =
                    self.files[function.file].facts.scopes.iter().flat_map(|scope| &scope.imports);
                let import = imports.find(|import| import.name == call.name);
                let path = import.map_or(&*call.name, |import| &*import.path);
                let real = path.rsplit("::").next().unwrap_or(path);
                self.named(&format!("{real}!")).to_vec()
            }
            CallKind::OwnMethod => {
                let own = function.member_of().unwrap_or_default();
                let mut members = self.members(own, &call.name);
                // A trait's own function calls what the types have that it is implemented for.
                members.extend(self.implementations(own, &call.name));
                if members.is_empty() {
                    return (self.only_method(from, &call.name), true);
                }
                members
            }
            CallKind::Method => match self.methods_of(from, &call.qualifier, &call.name) {
                Receiver::Known(methods) => methods,
                Receiver::Foreign => Vec::new(),
                Receiver::Unknown => return (self.only_method(from, &call.name), true),
            },
            CallKind::Path => self.path_targets(from, &call.qualifier, &call.name),
        };
        (targets, false)
    }

    /// The functions that a path names, seen from the function `from`.
    pub(in crate::lint) fn path_targets(
        &self,
        from: usize,
        qualifier: &str,
        name: &str,
    ) -> Vec<usize> {
        let function = &self.functions[from];
        let file = &self.files[function.file];
        let imports = file.facts.scopes.iter().flat_map(|scope| &scope.imports);
        let mut imports = imports.filter(|import| import.name != "*");
        if qualifier == "Self" {
            return self.members(function.member_of().unwrap_or_default(), name);
        }
        if qualifier.is_empty() {
            let free = |id: &usize| self.functions[*id].facts.member_of.is_none();
            let named: Vec<_> = self.named(name).iter().copied().filter(free).collect();
            let own: Vec<_> = named
                .iter()
                .copied()
                .filter(|id| self.functions[*id].file == function.file)
                .collect();
            if !own.is_empty() {
                return own;
            }
            return match imports.find(|import| import.name == name) {
                Some(import) if self.is_foreign(function.file, &import.path) => Vec::new(),
                Some(import) => {
                    let mut parts = import.path.rsplit("::");
                    let real = parts.next().unwrap_or(name);
                    self.in_module(function.file, parts.next().unwrap_or_default(), real)
                }
                None => named
                    .into_iter()
                    .filter(|id| self.is_glob_imported(function.file, *id))
                    .collect(),
            };
        }
        let real = imports.find(|import| import.name == qualifier);
        if let Some(import) = real
            && self.is_foreign(function.file, &import.path)
        {
            return Vec::new();
        }
        let qualifier =
            real.and_then(|import| import.path.rsplit("::").next()).unwrap_or(qualifier);
        let members = self.members(qualifier, name);
        if members.is_empty() { self.in_module(function.file, qualifier, name) } else { members }
    }

    fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn members(&self, ty: &str, name: &str) -> Vec<usize> {
        let is_member = |id: &usize| self.functions[*id].member_of() == Some(ty);
        self.named(name).iter().copied().filter(is_member).collect()
    }

    /// The functions `name` of the types that a trait is implemented for.
    fn implementations(&self, of_trait: &str, name: &str) -> Vec<usize> {
        let is_one = |id: &usize| {
            let of = self.functions[*id].facts.member_of.as_ref();
            of.is_some_and(|of| {
                of.ty != of_trait && of.of_trait.as_ref().is_some_and(|of| of.name == of_trait)
            })
        };
        let all: Vec<_> = self.named(name).iter().copied().filter(is_one).collect();
        if all.len() <= MAX_IMPLEMENTATIONS { all } else { Vec::new() }
    }

    /// Free functions of a module; those that it hands on from elsewhere where it has none itself.
    fn in_module(&self, file: usize, module: &str, name: &str) -> Vec<usize> {
        let free = |id: &usize| self.functions[*id].facts.member_of.is_none();
        let named: Vec<_> = self.named(name).iter().copied().filter(free).collect();
        let package = self.files[file].package;
        let is_in = |id: &usize| {
            let function = &self.functions[*id];
            let path = self.module_of(function.file, function.facts.scope);
            match module {
                "crate" | "self" | "super" | "" => self.files[function.file].package == package,
                module => path.rsplit("::").next() == Some(module),
            }
        };
        let inside: Vec<_> = named.iter().copied().filter(is_in).collect();
        if !inside.is_empty() {
            return inside;
        }
        let below = |id: &usize| {
            self.files[self.functions[*id].file].module.split("::").any(|part| part == module)
        };
        let below: Vec<_> = named.into_iter().filter(below).collect();
        if below.len() <= MAX_METHODS { below } else { Vec::new() }
    }

    fn is_glob_imported(&self, file: usize, id: usize) -> bool {
        let other = &self.files[self.functions[id].file];
        let last = other.module.rsplit("::").next().unwrap_or_default();
        let imports = self.files[file].facts.scopes.iter().flat_map(|scope| &scope.imports);
        let mut globs = imports.filter(|import| import.name == "*");
        globs.any(|glob| match glob.path.rsplit("::").next().unwrap_or_default() {
            "super" | "crate" | "self" => other.package == self.files[file].package,
            module => module == last,
        })
    }

    fn only_method(&self, from: usize, name: &str) -> Vec<usize> {
        let is_method = |id: &usize| {
            let facts = self.functions[*id].facts;
            facts.has_self && *id != from
        };
        let methods: Vec<_> = self.named(name).iter().copied().filter(is_method).collect();
        // Those of one trait are what a call through it may lead to.
        let is_of_one = methods.len() <= MAX_IMPLEMENTATIONS && self.are_of_one(&methods);
        if methods.len() <= MAX_METHODS || is_of_one { methods } else { Vec::new() }
    }

    /// Whether functions are of one type, or of one trait.
    fn are_of_one(&self, functions: &[usize]) -> bool {
        let of_trait = |id: &usize| {
            let of = self.functions[*id].facts.member_of.as_ref()?;
            Some(of.of_trait.as_ref().map_or(&*of.ty, |of_trait| &*of_trait.name))
        };
        let first = functions.first().and_then(of_trait);
        functions.iter().all(|id| of_trait(id) == first)
    }
}
