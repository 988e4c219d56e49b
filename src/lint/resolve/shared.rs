//! The maps, slots and channels that all requests share.

use super::Container;
use super::Workspace;
use super::given::is_state;
use super::shape::hands_on;
use super::shape::is_lock;
use super::shape::is_swap;
use super::workspace::MAX_NODES;
use crate::lint::facts::Field;
use crate::lint::facts::Shape;
use crate::lint::facts::Span;
use crate::lint::facts::StaticKind;
use crate::lint::facts::Ty;
use crate::lint::facts::TypeDecl;
use std::collections::HashMap;
use std::collections::HashSet;

/// Structs inside structs that are followed.
const MAX_DEPTH: usize = 6;
/// Types inside types that are followed.
const MAX_TYPES: u8 = 10;
/// What may stand in the place of the parameters of one type.
const MAX_ARGS: usize = 64;

/// Who shares the state of a type that is no app's, as far as is known.
pub(in crate::lint) const CALLERS: &str = "all who call it";

/// One piece of state that requests share.
#[derive(Debug)]
pub(in crate::lint) struct Shared<'a> {
    pub(in crate::lint) file: usize,
    pub(in crate::lint) span: Span,
    /// The path of the static, or of the struct and its field.
    pub(in crate::lint) path: String,
    /// The name of the static or the field.
    pub(in crate::lint) name: &'a str,
    pub(in crate::lint) kind: SharedKind,
    pub(in crate::lint) container: Container,
    pub(in crate::lint) ty: Ty,
    /// Whether what it holds is up to whoever uses its type.
    pub(in crate::lint) is_generic: bool,
}

/// How it comes to be shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) enum SharedKind {
    Static,
    ThreadLocal,
    /// A field of a struct: what is in a static, or in the state of the app.
    Field {
        of: String,
        by: String,
        root: Option<(usize, Span)>,
    },
    /// The state of the app itself: the parameters that functions are given it by.
    Given(Vec<(usize, String)>),
}

/// A type of the workspace in something shared.
struct Inner<'a> {
    file: usize,
    decl: &'a TypeDecl,
    /// What stands in the place of its parameters.
    args: Vec<Ty>,
    by: String,
    root: Option<(usize, Span)>,
    /// Whether it stands behind a lock as a whole.
    is_locked: bool,
}

impl<'a> Shared<'a> {
    /// Where it is declared: the static that it is in, or the field.
    pub(in crate::lint) fn declared(&self) -> (usize, Span) {
        match self.kind {
            SharedKind::Field { root: Some(root), .. } => root,
            _ => (self.file, self.span),
        }
    }

    /// Whether both are one static, field or parameter, whatever stands in the place of its type's parameters.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.file, self.span) == (other.file, other.span)
    }

    /// Who shares it, for people.
    pub(in crate::lint) fn by_whom(&self) -> String {
        match &self.kind {
            SharedKind::Field { by, .. } => format!("shared by {by}"),
            SharedKind::Given(_) => "the state of the app".to_owned(),
            SharedKind::Static | SharedKind::ThreadLocal => "one for the whole process".to_owned(),
        }
    }

    /// The field, where that is not the declaration.
    pub(in crate::lint) fn hidden_in(&self) -> Option<(usize, Span, String)> {
        match &self.kind {
            SharedKind::Field { of, root: Some(_), .. } => {
                Some((self.file, self.span, format!("hidden in `{of}`")))
            }
            _ => None,
        }
    }

    pub(super) fn all(workspace: &Workspace<'a>) -> Vec<Self> {
        let mut all = Vec::new();
        let mut to_see: Vec<Inner<'a>> = Vec::new();
        for (at, file) in workspace.files.iter().enumerate() {
            for decl in &file.facts.statics {
                let kind = match decl.kind {
                    StaticKind::Shared => SharedKind::Static,
                    StaticKind::ThreadLocal => SharedKind::ThreadLocal,
                    // Each has a rule of its own.
                    StaticKind::Mutable | StaticKind::TaskLocal => continue,
                };
                let path = format!("{}::{}", workspace.module_of(at, decl.scope), decl.name);
                if kind == SharedKind::Static {
                    let by = format!("the static `{}`", decl.name);
                    workspace.inner_types(at, &decl.ty, &by, Some((at, decl.span)), &mut to_see);
                }
                let container = workspace.container(at, &decl.ty);
                let (span, name, ty) = (decl.span, &*decl.name, decl.ty.clone());
                let is_generic = false;
                all.push(Self { file: at, span, path, name, kind, container, ty, is_generic });
            }
        }
        // A field that handlers are given is its own declaration, also where a static holds it as well.
        let mut of_app = Vec::new();
        workspace.app_state(&mut of_app);
        let mut seen = HashMap::new();
        let mut called = Vec::new();
        workspace.called(&mut called);
        for start in [of_app, to_see, called] {
            Self::inside(workspace, start, &mut seen, &mut all);
        }
        workspace.given(&mut all);
        all
    }

    /// The fields of `to_see`, and of what these hold.
    fn inside(
        workspace: &Workspace<'a>,
        mut to_see: Vec<Inner<'a>>,
        seen: &mut HashMap<(usize, &'a str), HashSet<Vec<Ty>>>,
        all: &mut Vec<Self>,
    ) {
        for _ in 0..MAX_DEPTH {
            for inner in std::mem::take(&mut to_see) {
                let Inner { file, decl, args, by, root, is_locked } = inner;
                let nodes: usize = args.iter().map(Ty::nodes).sum();
                let of_decl = seen.entry((file, &*decl.name)).or_default();
                if nodes > MAX_NODES || of_decl.len() > MAX_ARGS || !of_decl.insert(args.clone()) {
                    continue;
                }
                let (Shape::Struct(fields) | Shape::Enum(fields)) = &decl.shape else { continue };
                for field in fields {
                    let ty = field.ty.with(&decl.generics, &args);
                    let first = to_see.len();
                    let bounds = (MAX_TYPES, &mut { MAX_NODES });
                    workspace.types_inside(file, &ty, (&by, root, is_locked), bounds, &mut to_see);
                    // What one lock holds is one thing, and is where the lock is.
                    for inner in to_see[first..].iter_mut().filter(|inner| inner.is_locked) {
                        inner.root = inner.root.or(Some((file, field.span)));
                    }
                    let mut shared =
                        Self::field(workspace, file, decl, (field, ty), (by.clone(), root));
                    if is_locked {
                        shared.container = workspace.container_behind_lock(file, &shared.ty);
                    }
                    all.push(shared);
                }
            }
        }
    }

    fn field(
        workspace: &Workspace<'a>,
        file: usize,
        decl: &'a TypeDecl,
        (field, ty): (&'a Field, Ty),
        (by, root): (String, Option<(usize, Span)>),
    ) -> Self {
        Self {
            file,
            span: field.span,
            path: format!(
                "{}::{}::{}",
                workspace.module_of(file, decl.scope),
                decl.name,
                field.name
            ),
            name: &field.name,
            kind: SharedKind::Field { of: decl.name.clone(), by, root },
            is_generic: ty != field.ty,
            container: workspace.container(file, &ty),
            ty,
        }
    }
}

impl<'a> Workspace<'a> {
    /// The structs and enums of the workspace in a type that can be shared.
    fn inner_types(
        &self,
        file: usize,
        ty: &Ty,
        by: &str,
        root: Option<(usize, Span)>,
        found: &mut Vec<Inner<'a>>,
    ) {
        self.types_inside(file, ty, (by, root, false), (MAX_TYPES, &mut { MAX_NODES }), found);
    }

    /// The same for types inside so many others: a second name may stand in what it is for, where that
    /// is another type of the same name.
    fn types_inside(
        &self,
        file: usize,
        ty: &Ty,
        (by, root, is_locked): (&str, Option<(usize, Span)>, bool),
        (depth, left): (u8, &mut usize),
        found: &mut Vec<Inner<'a>>,
    ) {
        let (Some(depth), Some(fewer)) = (depth.checked_sub(1), left.checked_sub(1)) else {
            return;
        };
        *left = fewer;
        let (file, ty) = self.expanded(file, ty);
        // What stands in a map is one of many: its fields are not shared by all.
        let own = self.type_named(file, &ty);
        if own.is_none() && super::is_map(&ty)
            || hands_on(&ty)
            || matches!(&*ty.name, "Vec" | "VecDeque" | "[]")
        {
            return;
        }
        // What only gives way as a whole is not changed in place.
        let is_locked = is_lock(&ty) && !is_swap(&ty) || is_locked && ty.name != "Arc";
        if let Some((at, decl)) = own {
            let args = if decl.generics.is_empty() { Vec::new() } else { ty.args.clone() };
            found.push(Inner { file: at, decl, args, by: by.to_owned(), root, is_locked });
        }
        for arg in &ty.args {
            self.types_inside(file, arg, (by, root, is_locked), (depth, left), found);
        }
    }

    /// The types whose methods requests call: what has a lock inside is made to be shared.
    fn called(&self, found: &mut Vec<Inner<'a>>) {
        let mut seen = HashSet::new();
        for (id, function) in self.functions.iter().enumerate() {
            let Some(ty) = function.member_of() else { continue };
            let is_called = function.facts.has_self && self.reach.is_reached(id);
            if is_called && !self.reach.is_entry(id) && seen.insert((function.file, ty)) {
                self.inner_types(function.file, &Ty::named(ty), CALLERS, None, found);
            }
        }
    }

    /// The types that handlers are given as the state of the app.
    fn app_state(&self, found: &mut Vec<Inner<'a>>) {
        for (id, function) in self.functions.iter().enumerate() {
            if !self.reach.is_entry(id) {
                continue;
            }
            for param in &function.facts.params {
                if is_state(&param.ty) {
                    for arg in &param.ty.args {
                        self.inner_types(function.file, arg, "the state of the app", None, found);
                    }
                }
            }
            if let Some(of) = &function.facts.member_of
                && function.facts.has_self
                && is_service(of.of_trait.as_ref())
            {
                self.inner_types(function.file, &Ty::named(&of.ty), "the service", None, found);
            }
        }
    }
}

/// Whether one value of the type serves many requests: actors and extractors do not.
fn is_service(of_trait: Option<&Ty>) -> bool {
    of_trait.is_some_and(|of_trait| {
        !matches!(
            &*of_trait.name,
            // An agent is given tools of its own for each turn or run.
            "Tool"
                | "FromRequest"
                | "FromRequestParts"
                | "OptionalFromRequestParts"
                | "FromData"
                | "StreamHandler"
                | "Actor"
                | "MessageHandler"
        )
    })
}
