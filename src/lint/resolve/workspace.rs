//! All files at once, with their declarations by name.

use super::Reach;
use super::Shared;
use super::SharedKind;
use super::receivers::MAX_FIELDS;
use crate::lint::Settings;
use crate::lint::facts::Access;
use crate::lint::facts::FnFacts;
use crate::lint::facts::Shape;
use crate::lint::facts::Span;
use crate::lint::facts::Static;
use crate::lint::facts::Ty;
use crate::lint::facts::TypeDecl;
use crate::lint::source::SourceFile;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::HashSet;

/// Second names of second names that are followed.
const MAX_ALIASES: usize = 8;
/// Types inside types that are followed.
const MAX_TYPES: u8 = 10;
/// The names in a type that second names are followed to, and those that are looked at in one.
pub(super) const MAX_NODES: usize = 200;

/// What all rules look at.
#[derive(Debug)]
pub(in crate::lint) struct Workspace<'a> {
    pub(in crate::lint) files: &'a [SourceFile],
    pub(in crate::lint) settings: &'a Settings,
    pub(in crate::lint) functions: Vec<Function<'a>>,
    pub(in crate::lint) by_name: HashMap<&'a str, Vec<usize>>,
    pub(in crate::lint) types: HashMap<&'a str, Vec<(usize, &'a TypeDecl)>>,
    pub(in crate::lint) statics: HashMap<&'a str, Vec<(usize, &'a Static)>>,
    /// The fields of all types, by their names, each type once.
    pub(super) fields: HashMap<&'a str, Vec<(usize, &'a Ty)>>,
    /// The types that handlers are given because they make themselves from a request.
    pub(super) extractors: HashSet<&'a str>,
    /// The first function of each file.
    pub(in crate::lint) first_of: HashMap<usize, usize>,
    /// The modules of each package, by their last names.
    modules: HashSet<(usize, &'a str)>,
    /// Which functions say a name in capitals.
    users: HashMap<&'a str, Vec<(usize, Span)>>,
    /// The texts of constants, by their names.
    texts: HashMap<&'a str, Vec<(usize, &'a str)>>,
    /// What is done to a place, by each name in it.
    pub(super) accesses: HashMap<&'a str, Vec<(usize, &'a Access)>>,
    /// What of the functions a request comes to.
    pub(in crate::lint) reach: Reach,
    /// The maps, slots and channels that all requests share.
    pub(in crate::lint) shared: Vec<Shared<'a>>,
    pub(super) shared_by_name: HashMap<&'a str, Vec<usize>>,
    /// Those of them that are the state of an app as a whole: by function, and by the name of a parameter.
    pub(super) given: HashMap<usize, Vec<(String, usize)>>,
    /// Which types of a key and a value are maps, by their places, behind a lock and not.
    pub(super) own_maps: RefCell<HashMap<(usize, u32, bool), bool>>,
    /// The channels that requests listen to, by name.
    pub(super) listened: HashSet<&'a str>,
}

/// A function, and where it is.
#[derive(Debug)]
pub(in crate::lint) struct Function<'a> {
    pub(in crate::lint) file: usize,
    pub(in crate::lint) facts: &'a FnFacts,
}

impl Function<'_> {
    /// The type that it is a method of.
    pub(in crate::lint) fn member_of(&self) -> Option<&str> {
        self.facts.member_of.as_ref().map(|of| &*of.ty)
    }
}

impl<'a> Workspace<'a> {
    pub(in crate::lint) fn new(files: &'a [SourceFile], settings: &'a Settings) -> Self {
        let mut workspace = Self {
            files,
            settings,
            functions: Vec::new(),
            by_name: HashMap::new(),
            types: HashMap::new(),
            statics: HashMap::new(),
            fields: HashMap::new(),
            extractors: HashSet::new(),
            first_of: HashMap::new(),
            modules: HashSet::new(),
            users: HashMap::new(),
            texts: HashMap::new(),
            accesses: HashMap::new(),
            reach: Reach::default(),
            shared: Vec::new(),
            shared_by_name: HashMap::new(),
            given: HashMap::new(),
            own_maps: RefCell::default(),
            listened: HashSet::new(),
        };
        for (at, file) in files.iter().enumerate() {
            workspace
                .modules
                .extend(file.module.split("::").skip(1).map(|name| (file.package, name)));
            let inside =
                file.facts.scopes.iter().filter_map(|scope| scope.path.rsplit("::").next());
            workspace.modules.extend(inside.map(|name| (file.package, name)));
            for facts in &file.facts.fns {
                let id = workspace.functions.len();
                workspace.first_of.entry(at).or_insert(id);
                for access in &facts.accesses {
                    // What stands in a newtype is often reached by `Deref`, from its own methods.
                    if *access.place.names == ["self"] {
                        workspace.accesses.entry("0").or_default().push((id, access));
                    }
                    for name in &access.place.names {
                        let name = name.trim_end_matches("()");
                        workspace.accesses.entry(name).or_default().push((id, access));
                    }
                }
                for used in &facts.uses {
                    workspace.users.entry(&used.name).or_default().push((id, used.span));
                }
                if let Some(of) = &facts.member_of
                    && of.of_trait.as_ref().is_some_and(|of| of.name.starts_with("FromRequest"))
                {
                    workspace.extractors.insert(&of.ty);
                }
                workspace.by_name.entry(&facts.name).or_default().push(id);
                workspace.functions.push(Function { file: at, facts });
            }
            for decl in &file.facts.types {
                workspace.types.entry(&decl.name).or_default().push((at, decl));
                let (Shape::Struct(fields) | Shape::Enum(fields)) = &decl.shape else { continue };
                for field in fields {
                    let known = workspace.fields.entry(&field.name).or_default();
                    if known.len() <= MAX_FIELDS && !known.iter().any(|(_, ty)| **ty == field.ty) {
                        known.push((at, &field.ty));
                    }
                }
            }
            for (name, text) in &file.facts.texts {
                workspace.texts.entry(name).or_default().push((at, text));
            }
            for decl in &file.facts.statics {
                workspace.statics.entry(&decl.name).or_default().push((at, decl));
            }
        }
        workspace.reach = Reach::of(&workspace);
        workspace.shared = Shared::all(&workspace);
        workspace.listened = workspace.listened_to();
        for (at, shared) in workspace.shared.iter().enumerate() {
            if let SharedKind::Given(by) = &shared.kind {
                for (id, name) in by {
                    workspace.given.entry(*id).or_default().push((name.clone(), at));
                }
            }
            workspace.shared_by_name.entry(shared.name).or_default().push(at);
        }
        workspace
    }

    /// The declaration of a type that `file` names: its own, the package's, or the only one.
    pub(in crate::lint) fn type_named(
        &self,
        file: usize,
        ty: &Ty,
    ) -> Option<(usize, &'a TypeDecl)> {
        let imported = self.files[file].facts.scopes.iter().flat_map(|scope| &scope.imports);
        let path =
            imported.filter(|import| import.name == ty.name).map(|import| &*import.path).next();
        let name = path.and_then(|path| path.rsplit("::").next()).unwrap_or(&ty.name);
        // A path into a crate that is not read here is no type of the workspace.
        if let Some(path) = path
            && self.is_foreign(file, path)
        {
            return None;
        }
        let known = self.types.get(name)?;
        let own = known.iter().find(|(at, _)| *at == file);
        let package = self.files[file].package;
        let in_package = || {
            let mut inside = known.iter().filter(|(at, _)| self.files[*at].package == package);
            inside.next().filter(|_| inside.next().is_none())
        };
        let only = || (known.len() == 1).then(|| &known[0]);
        let by_path = || {
            let path = path?;
            let (first, parent) = (path.split("::").next()?, path.rsplit("::").nth(1)?);
            let last_of = |at: usize| self.files[at].module.rsplit("::").next();
            let in_module = known.iter().find(|(at, _)| last_of(*at) == Some(parent));
            in_module.or_else(|| {
                known
                    .iter()
                    .find(|(at, _)| self.files[*at].module.split("::").next() == Some(first))
            })
        };
        own.or_else(by_path).or_else(in_package).or_else(only).copied()
    }

    /// The types of all fields of a name; none where there are too many.
    pub(in crate::lint) fn fields_named(&self, name: &str) -> &[(usize, &'a Ty)] {
        let known = self.fields.get(name).map(Vec::as_slice).unwrap_or_default();
        if known.len() <= MAX_FIELDS { known } else { &[] }
    }

    /// Whether a path leads out of the workspace.
    pub(in crate::lint) fn is_foreign(&self, file: usize, path: &str) -> bool {
        let first = path.split("::").next().unwrap_or(path);
        if matches!(first, "crate" | "self" | "super" | "Self" | "") {
            return false;
        }
        if matches!(first, "std" | "core" | "alloc" | "tokio") {
            return true;
        }
        let is_package = self.settings.packages.iter().any(|name| name == first);
        !is_package && !self.modules.contains(&(self.files[file].package, first))
    }

    /// The path of what another crate calls by another name than `file` does.
    pub(in crate::lint) fn renamed(&self, file: usize, name: &str) -> Option<&'a str> {
        let mut imports = self.files[file].facts.scopes.iter().flat_map(|scope| &scope.imports);
        let import = imports.find(|import| import.name == name)?;
        let is_other = import.path.rsplit("::").next() != Some(name);
        (is_other && self.is_foreign(file, &import.path)).then_some(&*import.path)
    }

    /// What a name stands for in `file`: the last one of the path that an import gives it.
    pub(in crate::lint) fn real_name<'n>(&self, file: usize, name: &'n str) -> &'n str
    where
        'a: 'n,
    {
        let path = self.renamed(file, name);
        path.and_then(|path| path.rsplit("::").next()).unwrap_or(name)
    }

    /// The type without second names, as far as the workspace knows them.
    pub(in crate::lint) fn expanded(&self, file: usize, ty: &Ty) -> (usize, Ty) {
        let mut ty = ty.clone();
        let mut file = file;
        let mut seen = Vec::new();
        while seen.len() < MAX_ALIASES
            && let Some((at, decl)) = self.type_named(file, &ty)
            && let Shape::Alias(to) = &decl.shape
            && to.name != ty.name
            // One that comes again may grow each time.
            && !seen.contains(&(at, decl.span))
            && (ty.args.is_empty() || to.nodes() * ty.nodes() <= MAX_NODES)
        {
            seen.push((at, decl.span));
            ty = to.with(&decl.generics, &ty.args);
            file = at;
        }
        if let Some(path) = self.renamed(file, &ty.name) {
            let mut parts = path.rsplit("::");
            ty.name = parts.next().unwrap_or_default().to_owned();
            ty.qualifier = parts.next().unwrap_or_default().to_owned();
        }
        (file, ty)
    }

    /// Whether a type, or one inside it, is one, second names taken off.
    pub(in crate::lint) fn has(&self, file: usize, ty: &Ty, is: fn(&Ty) -> bool) -> bool {
        self.has_inside(file, ty, is, MAX_TYPES, &mut { MAX_NODES })
    }

    fn has_inside(
        &self,
        file: usize,
        ty: &Ty,
        is: fn(&Ty) -> bool,
        depth: u8,
        left: &mut usize,
    ) -> bool {
        let (Some(depth), Some(fewer)) = (depth.checked_sub(1), left.checked_sub(1)) else {
            return false;
        };
        *left = fewer;
        let (file, ty) = self.expanded(file, ty);
        is(&ty) || ty.args.iter().any(|arg| self.has_inside(file, arg, is, depth, left))
    }

    /// The text that a name in `file` stands for, where it is that of one constant: the file's own, the one
    /// that is imported, that of the package or else of the workspace. Else the name.
    pub(in crate::lint) fn text_of_name<'n>(&self, file: usize, name: &'n str) -> &'n str
    where
        'a: 'n,
    {
        let mut imports = self.files[file].facts.scopes.iter().flat_map(|scope| &scope.imports);
        let path = imports.find(|import| import.name == name).map(|import| &*import.path);
        if path.is_some_and(|path| self.is_foreign(file, path)) {
            return name;
        }
        let mut parts = path.unwrap_or(name).rsplit("::");
        let (real, parent) = (parts.next().unwrap_or(name), parts.next());
        let Some(all) = self.texts.get(real) else { return name };
        let among = |is_near: &dyn Fn(usize) -> bool| {
            let mut near = all.iter().filter(|(at, _)| is_near(*at)).map(|(_, text)| *text);
            let first = near.next()?;
            // Two that differ tell nothing.
            Some(if near.all(|text| text == first) { first } else { name })
        };
        let module_of = |at: usize| self.files[at].module.rsplit("::").next();
        let package = self.files[file].package;
        among(&|at| at == file)
            .or_else(|| parent.and_then(|parent| among(&|at| module_of(at) == Some(parent))))
            .or_else(|| among(&|at| self.files[at].package == package))
            .or_else(|| among(&|_| true))
            .unwrap_or(name)
    }

    /// The path of what a function is, for people and for fingerprints.
    pub(in crate::lint) fn path_of(&self, function: &Function<'_>) -> String {
        let module = self.module_of(function.file, function.facts.scope);
        match function.member_of() {
            Some(ty) => format!("{module}::{ty}::{}", function.facts.name),
            None => format!("{module}::{}", function.facts.name),
        }
    }

    pub(in crate::lint) fn module_of(&self, file: usize, scope: u16) -> String {
        let file = &self.files[file];
        match file.facts.scopes.get(scope as usize) {
            Some(scope) if !scope.path.is_empty() => format!("{}::{}", file.module, scope.path),
            _ => file.module.clone(),
        }
    }

    /// Each function that says `name`, a static of its package, and where.
    pub(in crate::lint) fn users_of(&self, file: usize, name: &str) -> Vec<(usize, Span)> {
        let package = self.files[file].package;
        let used = self.users.get(name).map(Vec::as_slice).unwrap_or_default();
        let is_near = |id: usize| self.files[self.functions[id].file].package == package;
        used.iter().copied().filter(|(id, _)| is_near(*id)).collect()
    }
}
