//! What the types of values show of themselves in a log.

use super::telling::can_show;
use super::telling::is_any_value;
use super::telling::is_asked;
use super::telling::is_callback;
use super::telling::is_content_field;
use super::telling::is_data_field;
use super::telling::is_mail;
use super::telling::is_of_login;
use super::telling::is_query;
use super::telling::is_record_of_user;
use super::telling::is_setting;
use super::telling::is_text;
use super::telling::is_told;
use super::telling::is_value;
use super::telling::items_of;
use super::telling::peeled;
use crate::lint::facts::Field;
use crate::lint::facts::Log;
use crate::lint::facts::Made;
use crate::lint::facts::Param;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::facts::TypeDecl;
use crate::lint::resolve::Function;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_personal;
use crate::lint::resolve::is_secret;
use crate::lint::resolve::words;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::HashSet;

/// Types inside types that are looked into.
const MAX_DEPTH: u8 = 5;
/// Types around a type that are taken off.
const MAX_PEELED: u8 = 16;

/// What a log is told of a value, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// A credential, personal data, or what somebody says.
    Secret,
    /// Numbers, flags, ids and names.
    Nothing,
    /// The type is not read here, or is a text.
    Unknown,
}

/// The types of a workspace, as a log shows them.
#[derive(Debug)]
pub(super) struct Types<'w, 'a> {
    pub(super) workspace: &'w Workspace<'a>,
    /// Those of which somebody wrote the `Debug` by hand.
    pub(super) own_debug: HashSet<&'a str>,
    /// What was looked into, and what it shows; nothing while it is being looked into.
    seen: RefCell<HashMap<Seen<'a>, bool>>,
    /// Those with parameters that are being looked into.
    open: RefCell<HashSet<(usize, &'a str)>>,
    /// Which declarations hold texts, by their files and places, and how many more types are looked into.
    pub(super) texts: RefCell<HashMap<(usize, u32, u8), bool>>,
}

/// A declaration, what stands in the place of its parameters, and how many more are looked into.
type Seen<'a> = (usize, &'a str, Vec<Ty>, u8);

impl<'w, 'a> Types<'w, 'a> {
    pub(super) fn of(workspace: &'w Workspace<'a>) -> Self {
        let fmt = workspace.by_name.get("fmt").into_iter().flatten();
        let own = fmt.filter_map(|id| {
            let of = workspace.functions[*id].facts.member_of.as_ref()?;
            of.of_trait.as_ref().filter(|of| of.name == "Debug").map(|_| &*of.ty)
        });
        Self {
            workspace,
            own_debug: own.collect(),
            seen: RefCell::default(),
            open: RefCell::default(),
            texts: RefCell::default(),
        }
    }

    /// The package of a function.
    pub(super) fn package_of(&self, id: usize) -> usize {
        self.workspace.files[self.workspace.functions[id].file].package
    }

    /// Whether a value is a number, or of another type that shows nothing however it is written.
    pub(super) fn is_plain(&self, id: usize, log: &Log) -> bool {
        let Some(made) = &log.made else {
            let mut params = self.workspace.functions[id].facts.params.iter();
            return params.any(|param| *param.names == [&*log.own] && !can_show(&param.ty));
        };
        let types = self.types_of(id, made);
        !types.is_empty() && types.iter().all(|(_, ty)| !can_show(ty))
    }

    /// What a value that is written shows, with all its parts.
    pub(super) fn written(&self, id: usize, log: &Log) -> Shown {
        let function = &self.workspace.functions[id];
        if let Some(made) = &log.made {
            if matches!(made, Made::Fault(_)) {
                return Shown::Unknown;
            }
            return self.made(id, &log.own, made);
        }
        if log.own == "self" {
            return self.own(function);
        }
        let mut params = function.facts.params.iter();
        match params.find(|param| param.names.contains(&log.own)) {
            Some(param) if param.names.len() > 1 => Shown::Unknown,
            Some(param) => self.shown_of(id, &log.own, param),
            None => Shown::Unknown,
        }
    }

    /// Whether a value, however it is written, is a type of one credential, or an error that says an address.
    pub(super) fn is_telling(&self, id: usize, log: &Log) -> bool {
        let Some(made) = &log.made else { return false };
        // What a browser brings back from the provider of a login.
        if let Made::Field { of: Some(of), name } = made
            && name == "code"
        {
            let of = self.types_of(id, of);
            return of.iter().any(|(file, ty)| self.is_brought_back(id, &log.own, *file, ty));
        }
        let is_fault = matches!(made, Made::Fault(_));
        let types = self.types_of(id, made);
        !types.is_empty()
            && types.iter().all(|(file, ty)| match self.declared(*file, ty) {
                Some((_, TypeDecl { name, shape: Shape::Struct(fields), .. })) if !is_fault => {
                    matches!(&**fields, [only] if only.name == "0" && can_show(&only.ty))
                        && is_secret(name)
                }
                Some((_, TypeDecl { shape: Shape::Enum(fields), .. })) if is_fault => {
                    let is_address = |name: &str| matches!(name, "Email" | "EmailAddress");
                    fields.iter().any(|field| is_address(&field.name) && is_text(&field.ty))
                }
                _ => false,
            })
    }

    /// Whether a value is what a browser brings back: by its type's name or its own, or in request code.
    fn is_brought_back(&self, id: usize, name: &str, file: usize, ty: &Ty) -> bool {
        let is_one = |decl: &TypeDecl| {
            let Shape::Struct(fields) = &decl.shape else { return false };
            let is_named = is_of_login(name) || is_of_login(&decl.name);
            is_callback(fields)
                && !self.own_debug.contains(&*decl.name)
                && (is_named || self.workspace.reach.is_reached(id))
        };
        self.declared(file, ty).is_some_and(|(_, decl)| is_one(decl))
    }

    /// What a parameter of a function shows.
    pub(super) fn shown_of(&self, id: usize, name: &str, param: &Param) -> Shown {
        self.shown_in(id, name, self.workspace.functions[id].file, &param.ty)
    }

    /// What the type shows that a function is a method of.
    pub(super) fn own(&self, function: &Function<'_>) -> Shown {
        match function.member_of() {
            Some(own) => self.shown(function.file, &Ty::named(own)),
            None => Shown::Unknown,
        }
    }

    fn made(&self, id: usize, name: &str, made: &Made) -> Shown {
        let types = self.types_of(id, made);
        let mut all = types.iter().map(|(file, ty)| self.shown_in(id, name, *file, ty));
        let first = all.next().unwrap_or(Shown::Unknown);
        if all.all(|shown| shown == first) { first } else { Shown::Unknown }
    }

    /// The declaration of a type, what only holds it taken off: of `T` in `AwebJson<T, E>` as well.
    pub(super) fn declared(&self, file: usize, ty: &Ty) -> Option<(usize, &'a TypeDecl)> {
        let (mut file, mut ty) = (file, ty.clone());
        for _ in 0..MAX_PEELED {
            let (at, of) = self.workspace.expanded(file, peeled(&ty));
            let of = peeled(&of);
            if let Some(declared) = self.type_named(at, of) {
                return Some(declared);
            }
            (file, ty) = (at, of.args.first()?.clone());
        }
        None
    }

    /// The declaration of a type, if it takes as much: `Query<T>` is none of a `Query` without a parameter.
    fn type_named(&self, file: usize, ty: &Ty) -> Option<(usize, &'a TypeDecl)> {
        let declared = self.workspace.type_named(file, ty);
        declared.filter(|(_, decl)| ty.args.is_empty() || !decl.generics.is_empty())
    }

    /// What a value of a type shows that has a name in a function.
    fn shown_in(&self, id: usize, name: &str, file: usize, ty: &Ty) -> Shown {
        match self.shown_as(name, file, ty) {
            Shown::Nothing if self.is_brought_back(id, name, file, ty) => Shown::Secret,
            shown => shown,
        }
    }

    /// What a value of a type shows that has a name.
    fn shown_as(&self, name: &str, file: usize, ty: &Ty) -> Shown {
        match self.shown(file, ty) {
            // A value of any kind that is looked for, or tells of a thing.
            Shown::Secret if is_asked(name) && is_any_value(ty) => Shown::Nothing,
            shown => shown,
        }
    }

    /// What a value of a type shows.
    pub(super) fn shown(&self, file: usize, ty: &Ty) -> Shown {
        if !can_show(ty) {
            return Shown::Nothing;
        }
        if self.holds(file, ty, MAX_DEPTH) {
            return Shown::Secret;
        }
        match self.declared(file, ty) {
            Some((_, decl)) if !matches!(decl.shape, Shape::Alias(_)) => Shown::Nothing,
            _ => Shown::Unknown,
        }
    }

    /// Whether the `Debug` of a type shows a credential, personal data or content.
    fn holds(&self, file: usize, ty: &Ty, depth: u8) -> bool {
        let ty = items_of(ty);
        let is_handle = matches!(&*ty.name, "dyn" | "fn" | "PhantomData" | "State" | "Data");
        if is_handle || !can_show(ty) {
            return false;
        }
        let Some((at, decl)) = self.workspace.type_named(file, ty) else {
            return self.holds_inside(file, ty, depth);
        };
        let is_generic = !decl.generics.is_empty();
        // One in itself, of ever other types, has the same fields.
        if is_generic && !self.open.borrow_mut().insert((at, &decl.name)) {
            return self.of_args(file, ty, depth);
        }
        let args = if is_generic { ty.args.clone() } else { Vec::new() };
        let key = (at, &*decl.name, args, depth);
        let known = self.seen.borrow().get(&key).copied();
        let holds = known.unwrap_or_else(|| {
            self.seen.borrow_mut().insert(key.clone(), false);
            let holds = self.holds_inside(file, ty, depth);
            self.seen.borrow_mut().insert(key, holds);
            holds
        });
        self.open.borrow_mut().remove(&(at, &*decl.name));
        holds
    }

    fn holds_inside(&self, file: usize, ty: &Ty, depth: u8) -> bool {
        let name = &*ty.name;
        let (file, ty) = self.workspace.expanded(file, ty);
        if is_told(&ty) || self.is_from_crate(file, &ty) {
            return true;
        }
        let declared = self.type_named(file, &ty);
        // A second name may stand in what it is for.
        let is_step = declared.is_some() || ty.name != name;
        let Some(depth) = depth.checked_sub(u8::from(is_step)) else { return false };
        let Some((at, TypeDecl { name, shape, generics, .. })) = declared else {
            return self.of_args(file, &ty, depth);
        };
        let (Shape::Struct(fields) | Shape::Enum(fields)) = shape else {
            // `type Result<T> = other::Result<T, Error>` stands for a type of another crate.
            return self.of_args(file, &ty, depth);
        };
        // What went wrong is looked at where it is made.
        if self.own_debug.contains(&**name) || name.contains("Error") {
            return false;
        }
        let is_newtype = matches!(&**fields, [only] if only.name == "0" && can_show(&only.ty));
        let is_login = is_callback(fields) && is_of_login(name);
        if is_record_of_user(name, fields) || is_newtype && is_secret(name) || is_login {
            return true;
        }
        fields.iter().any(|field| {
            let ty = field.ty.with(generics, &ty.args);
            let is_asked = is_asked(&field.name) || is_query(name);
            self.is_shown(at, name, field, &ty)
                || !(is_asked || is_value(&peeled(&ty).name) && !is_data_field(&field.name))
                    && self.holds(at, &ty, depth)
        })
    }

    fn of_args(&self, file: usize, ty: &Ty, depth: u8) -> bool {
        // What went wrong is looked at where it is made.
        let is_result = ty.name == "Result";
        let args = ty.args.iter().take(if is_result { 1 } else { ty.args.len() });
        args.into_iter().any(|arg| self.holds(file, arg, depth))
    }

    /// Whether a field is a credential, personal data or content, and its type shows it.
    fn is_shown(&self, file: usize, of: &str, field: &Field, ty: &Ty) -> bool {
        let name = &*field.name;
        let of_operator = is_setting(of);
        let is_map = ty.any(|ty| matches!(&*ty.name, "HashMap" | "BTreeMap"));
        let is_environment = is_map
            && words(name).iter().any(|word| matches!(&**word, "env" | "envs" | "environment"));
        if is_content_field(name) {
            return !of_operator && !is_query(of) && is_text(ty);
        }
        let is_headers = name.ends_with("headers") && is_map;
        let is_one = is_secret(name) || is_personal(name) || is_environment || is_headers;
        if !is_one || of_operator && is_mail(name) || !can_show(ty) {
            return false;
        }
        match self.declared(file, ty) {
            Some((_, TypeDecl { shape: Shape::Struct(fields), name, .. })) => {
                // One with names is looked into.
                fields.iter().any(|field| field.name == "0") && !self.own_debug.contains(&**name)
            }
            Some((_, TypeDecl { shape: Shape::Enum(fields), .. })) => !fields.is_empty(),
            _ => true,
        }
    }

    /// Whether a type of a crate that is widely used holds a credential.
    fn is_from_crate(&self, file: usize, ty: &Ty) -> bool {
        let of = match &*ty.name {
            "Id" | "Record" => "tower_sessions",
            "ConnectionInfo" | "RedisConnectionInfo" => "redis",
            "SearchEntry" | "ResultEntry" => "ldap3",
            _ => return false,
        };
        let is_from =
            |path: &str| path.split("::").next().is_some_and(|first| first.starts_with(of));
        let mut imports =
            self.workspace.files[file].facts.scopes.iter().flat_map(|scope| &scope.imports);
        imports.any(|import| import.name == ty.name && is_from(&import.path))
    }
}
