//! Values that go along with a request: whoever is given one can tell whose request it was.

use super::Workspace;
use super::names::is_context;
use super::names::is_correlation;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;

/// Types inside types that are looked into.
const MAX_DEPTH: u8 = 3;
/// The fields that are looked at.
const MAX_FIELDS: u8 = 100;

impl Workspace<'_> {
    /// Whether `name` is, in a function, a local or a parameter that goes along with a request: the context of
    /// the request or the session of the connection, with what joins its log lines.
    pub(in crate::lint) fn goes_along(&self, id: usize, name: &str) -> bool {
        let function = &self.functions[id];
        let facts = function.facts;
        if let Some((_, ty)) = facts.locals.iter().find(|(local, _)| local == name) {
            return self.is_along(function.file, &Ty::named(ty), MAX_DEPTH);
        }
        let mut params = facts.params.iter();
        let param = params.find(|param| param.names.iter().any(|known| known == name));
        param.is_some_and(|param| self.is_along(function.file, &param.ty, MAX_DEPTH))
    }

    fn is_along(&self, file: usize, ty: &Ty, depth: u8) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let (file, ty) = self.expanded(file, ty);
        match (&*ty.name, &*ty.args) {
            ("Arc" | "Option" | "Box", [inner]) => self.is_along(file, inner, depth),
            _ => {
                is_context(&ty.name)
                    && self.holds_correlation(file, &ty, MAX_DEPTH, &mut { MAX_FIELDS })
            }
        }
    }

    fn holds_correlation(&self, file: usize, ty: &Ty, depth: u8, left: &mut u8) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let Some((at, decl)) = self.type_named(file, ty) else { return false };
        let Shape::Struct(fields) = &decl.shape else { return false };
        fields.iter().any(|field| {
            let Some(fewer) = left.checked_sub(1) else { return false };
            *left = fewer;
            let inner = match &*field.ty.args {
                // What is behind a lock is one value still; a collection is of many.
                [inner] if is_cell(&field.ty.name) => inner,
                _ => &field.ty,
            };
            is_correlation(&field.name) || self.holds_correlation(at, inner, depth, left)
        })
    }
}

fn is_cell(name: &str) -> bool {
    matches!(name, "Arc" | "Box" | "RefCell" | "Cell")
        || name.ends_with("Lock")
        || name.ends_with("Mutex")
}
