//! The types that values may have, by what made them.

use super::shown::Types;
use super::telling::is_maker;
use super::telling::is_value;
use super::telling::peeled;
use super::texts::holds_texts;
use crate::lint::facts::Made;
use crate::lint::facts::Param;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Function;

/// Calls that give values which others gave.
const MAX_MADE: u8 = 8;

impl Types<'_, '_> {
    /// Whether a parameter is a record of many texts.
    pub(super) fn is_record_of_texts(&self, id: usize, param: &Param) -> bool {
        holds_texts(self, self.workspace.functions[id].file, &param.ty)
    }

    /// The types that a value may have.
    pub(super) fn types_of(&self, id: usize, made: &Made) -> Vec<(usize, Ty)> {
        self.types_in(id, made, MAX_MADE)
    }

    fn types_in(&self, id: usize, made: &Made, depth: u8) -> Vec<(usize, Ty)> {
        let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
        let function = &self.workspace.functions[id];
        let output_of = |giver: &usize| {
            let giver = &self.workspace.functions[*giver];
            Some((giver.file, of_self(giver, giver.facts.output.as_ref()?)))
        };
        match made {
            Made::As(ty) => vec![(function.file, of_self(function, ty))],
            Made::Field { of, name } => {
                let of = of.as_ref().map(|of| self.types_in(id, of, depth)).unwrap_or_default();
                if let [(file, ty)] = &*of
                    && let Some((at, decl)) = self.declared(*file, ty)
                    && let Shape::Struct(fields) = &decl.shape
                    && let Some(field) = fields.iter().find(|field| field.name == *name)
                {
                    return vec![(at, field.ty.clone())];
                }
                let fields = self.workspace.fields_named(name);
                fields.iter().map(|(file, ty)| (*file, (*ty).clone())).collect()
            }
            Made::By { of, name } => {
                let givers = self.workspace.path_targets(id, of, name);
                // What a type makes is one, where a derive or another crate wrote the function.
                if givers.is_empty() && is_maker(name) && of.starts_with(char::is_uppercase) {
                    return vec![(function.file, of_self(function, &Ty::named(of)))];
                }
                givers.iter().filter_map(output_of).collect()
            }
            Made::Method(name) => {
                let named = self.workspace.by_name.get(&**name).map(Vec::as_slice);
                let methods = named
                    .unwrap_or_default()
                    .iter()
                    .filter(|id| self.workspace.functions[**id].facts.has_self);
                methods.filter_map(output_of).collect()
            }
            Made::Taken { of, name } => self.taken(id, of, name, depth),
            Made::Fault(of) => {
                let of = self.types_in(id, of, depth).into_iter();
                of.map(|(file, ty)| self.workspace.expanded(file, &ty))
                    .filter_map(|(file, ty)| Some((file, ty.args.get(1)?.clone())))
                    .collect()
            }
            Made::Part(of, at) => {
                let of = self.types_in(id, of, depth).into_iter();
                let of = of.map(|(file, ty)| self.workspace.expanded(file, &ty));
                let part =
                    |ty: &Ty| Some(peeled(ty)).filter(|ty| ty.name == "()")?.args.get(*at).cloned();
                of.filter_map(|(file, ty)| Some((file, part(&ty)?))).collect()
            }
            Made::Composed | Made::Other => Vec::new(),
        }
    }

    /// The types of what is taken out of a value: of any value, a list, a map, or a variant.
    fn taken(&self, id: usize, of: &Made, name: &str, depth: u8) -> Vec<(usize, Ty)> {
        let of = self.types_in(id, of, depth).into_iter();
        let of = of.map(|(file, ty)| self.workspace.expanded(file, &ty));
        let taken = of.filter_map(|(file, ty)| {
            let inner = peeled(&ty);
            let (at, inner) = self.workspace.expanded(file, inner);
            if is_value(&inner.name) {
                return Some((at, inner));
            }
            let item = match (&*inner.name, &*inner.args) {
                ("HashMap" | "BTreeMap", [_, value]) => value.clone(),
                ("VecDeque" | "HashSet" | "BTreeSet", [item, ..]) => item.clone(),
                // A list has been peeled already.
                _ if inner != ty && !name.starts_with(char::is_uppercase) => inner,
                _ => {
                    let (at, decl) = self.declared(at, &inner)?;
                    let Shape::Enum(fields) = &decl.shape else { return None };
                    return Some((at, fields.iter().find(|field| field.name == name)?.ty.clone()));
                }
            };
            Some((at, item))
        });
        let taken: Vec<_> = taken.collect();
        if taken.is_empty() && name.starts_with(char::is_lowercase) {
            return self.types_in(id, &Made::Method(name.to_owned()), depth);
        }
        taken
    }
}

/// A type, `Self` replaced by what it stands for.
fn of_self(function: &Function<'_>, ty: &Ty) -> Ty {
    match function.member_of() {
        Some(own) => ty.with(&["Self".to_owned()], &[Ty::named(own)]),
        None => ty.clone(),
    }
}
