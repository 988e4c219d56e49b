//! What a receiver is a part of.

use super::body::MAX_STEPS;
use super::body::Walker;
use crate::lint::facts::Place;
use syn::Expr;
use syn::Member;

/// Calls that lead from a container or lock to what is in it.
fn leads_inside(method: &str) -> bool {
    matches!(
        method,
        "lock"
            | "read"
            | "write"
            | "unwrap"
            | "expect"
            | "as_ref"
            | "as_mut"
            | "clone"
            | "borrow"
            | "borrow_mut"
            | "get_ref"
            | "deref"
            | "deref_mut"
            | "iter"
            | "iter_mut"
            | "load"
            | "unwrap_or_else"
            | "unwrap_or_default"
            | "into_inner"
            | "blocking_lock"
            | "blocking_read"
            | "blocking_write"
            | "try_lock"
            | "try_read"
            | "try_write"
            | "ok"
            | "map_err"
            | "context"
            | "load_full"
            | "upgrade"
            | "entry"
            | "entry_async"
            | "entry_ref"
            | "or_default"
            | "downcast_ref"
            | "as_deref"
            | "as_deref_mut"
            | "or_insert_with"
            | "or_insert"
            | "ok_or_else"
            | "ok_or"
            | "into_iter"
            | "values"
            | "values_mut"
    )
}

impl Walker<'_, '_> {
    /// What `expr` is a part of, if it is a path of names.
    pub(super) fn place(&self, expr: &Expr) -> Option<Place> {
        self.place_within(expr, MAX_STEPS)
    }

    fn place_within(&self, expr: &Expr, left: usize) -> Option<Place> {
        let left = left.checked_sub(1)?;
        match expr {
            Expr::Path(path) => {
                let last = path.path.segments.last()?.ident.to_string();
                if path.path.segments.len() == 1
                    && let Some(bound) = self.bound.get(&last)
                {
                    if let Some(place) = &bound.place {
                        return Some(place.clone());
                    }
                    let is_fresh = bound.flow.is_fresh;
                    return Some(Place { names: vec![last], is_fresh, ..Place::default() });
                }
                Some(Place { names: vec![last], ..Place::default() })
            }
            Expr::Field(field) => {
                let mut place = self.place_within(&field.base, left)?;
                place.names.push(match &field.member {
                    Member::Named(name) => name.to_string(),
                    Member::Unnamed(index) => index.index.to_string(),
                });
                Some(place)
            }
            Expr::MethodCall(call) => {
                let mut place = self.place_within(&call.receiver, left)?;
                let method = call.method.to_string();
                let is_inside = leads_inside(&method);
                for arg in &call.args {
                    // A closure here mends an error; it picks nothing.
                    if !matches!(arg, Expr::Closure(_) | Expr::Lit(_)) {
                        place.picked_by.extend(self.flow(arg).names);
                    }
                }
                if !is_inside {
                    place.names.push(format!("{method}()"));
                }
                Some(place)
            }
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else { return None };
                let last = path.path.segments.last()?.ident.to_string();
                if is_maker(&last) {
                    return Some(Place { is_fresh: true, ..Place::default() });
                }
                // `Arc::clone(&map)` is the map.
                if last == "clone" || last.starts_with(|first: char| first.is_uppercase()) {
                    return call.args.first().and_then(|arg| self.place_within(arg, left));
                }
                let mut place = Place { names: vec![format!("{last}()")], ..Place::default() };
                for arg in &call.args {
                    place.picked_by.extend(self.flow(arg).names);
                }
                Some(place)
            }
            Expr::Reference(inner) => self.place_within(&inner.expr, left),
            Expr::Unary(inner) => self.place_within(&inner.expr, left),
            Expr::Paren(inner) => self.place_within(&inner.expr, left),
            Expr::Group(inner) => self.place_within(&inner.expr, left),
            Expr::Try(inner) => self.place_within(&inner.expr, left),
            Expr::Await(inner) => self.place_within(&inner.base, left),
            Expr::Cast(inner) => self.place_within(&inner.expr, left),
            Expr::Index(index) => {
                let mut place = self.place_within(&index.expr, left)?;
                place.picked_by.extend(self.flow(&index.index).names);
                Some(place)
            }
            _ => None,
        }
    }
}

/// Whether a function makes its value here.
pub(super) fn is_maker(name: &str) -> bool {
    matches!(
        name,
        "new" | "default" | "with_capacity" | "builder" | "from_iter" | "with_hasher" | "new_in"
    )
}
