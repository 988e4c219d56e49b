//! What a pattern binds.

use super::body::Bound;
use super::body::Walker;
use super::origin::Items;
use crate::lint::facts::Place;
use syn::Expr;
use syn::ExprClosure;
use syn::Ident;
use syn::Pat;
use syn::visit::Visit;

/// Names, and what each stands for where it is known.
type Outside = Vec<(Option<Bound>, String)>;

impl Walker<'_, '_> {
    /// Visits a closure, whose first parameter was taken out of what `of` says.
    pub(super) fn closure(&mut self, closure: &ExprClosure, in_route: bool, of: Option<&Items>) {
        let outside = self.outside(closure.inputs.iter().collect());
        for input in &closure.inputs {
            names_of(input, &mut |name| {
                self.bound.remove(&name.to_string());
            });
        }
        if let Some(of) = of {
            self.bind_items(closure, of);
        }
        let around = self.in_route;
        self.in_route |= in_route;
        self.visit_expr(&closure.body);
        self.in_route = around;
        self.leave(outside);
    }

    /// Visits a closure whose parameter is what `place` holds.
    pub(super) fn closure_over(&mut self, place: Option<&Place>, closure: &ExprClosure) {
        let outside = self.outside(closure.inputs.iter().collect());
        for input in &closure.inputs {
            names_of(input, &mut |name| {
                let bound = Bound { place: place.cloned(), ..Bound::default() };
                self.bound.insert(name.to_string(), bound);
            });
        }
        self.visit_expr(&closure.body);
        self.leave(outside);
    }

    /// `User { email: to, .. }` gives the field another name.
    pub(super) fn bind_fields(&mut self, pattern: &Pat) {
        match pattern {
            Pat::Struct(fields) => {
                for field in &fields.fields {
                    if let (syn::Member::Named(name), Pat::Ident(ident)) =
                        (&field.member, &*field.pat)
                        && let Some(bound) = self.bound.get_mut(&ident.ident.to_string())
                    {
                        bound.alias = Some(name.to_string());
                    }
                }
            }
            Pat::TupleStruct(inner) => inner.elems.iter().for_each(|inner| self.bind_fields(inner)),
            Pat::Reference(inner) => self.bind_fields(&inner.pat),
            Pat::Type(inner) => self.bind_fields(&inner.pat),
            _ => {}
        }
    }

    /// What the names that patterns bind stand for outside of what they are bound for.
    pub(super) fn outside(&self, patterns: Vec<&Pat>) -> Outside {
        let mut outside = Vec::new();
        for pattern in patterns {
            names_of(pattern, &mut |name| {
                let name = name.to_string();
                outside.push((self.bound.get(&name).cloned(), name));
            });
        }
        outside
    }

    /// Lets names stand for what they stood for before.
    pub(super) fn leave(&mut self, outside: Outside) {
        for (bound, name) in outside.into_iter().rev() {
            match bound {
                Some(bound) => self.bound.insert(name, bound),
                None => self.bound.remove(&name),
            };
        }
    }
}

/// Calls `bind` with each name that `pattern` binds.
pub(super) fn names_of(pattern: &Pat, bind: &mut impl FnMut(&Ident)) {
    match pattern {
        Pat::Ident(ident) => {
            // `None` and constants look like bindings; names of variables begin in lower case.
            if !ident.ident.to_string().starts_with(|first: char| first.is_uppercase()) {
                bind(&ident.ident);
            }
            if let Some((_, inner)) = &ident.subpat {
                names_of(inner, bind);
            }
        }
        Pat::Tuple(tuple) => each(tuple.elems.iter(), bind),
        Pat::TupleStruct(tuple) => each(tuple.elems.iter(), bind),
        Pat::Struct(fields) => each(fields.fields.iter().map(|field| &*field.pat), bind),
        Pat::Slice(slice) => each(slice.elems.iter(), bind),
        Pat::Or(or) => each(or.cases.iter(), bind),
        Pat::Reference(inner) => names_of(&inner.pat, bind),
        Pat::Paren(inner) => names_of(&inner.pat, bind),
        Pat::Type(inner) => names_of(&inner.pat, bind),
        _ => {}
    }
}

fn each<'a, I: Iterator<Item = &'a Pat>>(patterns: I, bind: &mut impl FnMut(&Ident)) {
    for pattern in patterns {
        names_of(pattern, bind);
    }
}

/// The patterns of a condition: `if let Some(user) = found && let Some(at) = user.phone`.
pub(super) fn patterns_of(condition: &Expr) -> Vec<&Pat> {
    let (mut patterns, mut rest) = (Vec::new(), vec![condition]);
    while let Some(condition) = rest.pop() {
        match condition {
            Expr::Let(one) => patterns.push(&*one.pat),
            Expr::Binary(both) if matches!(both.op, syn::BinOp::And(_)) => {
                rest.extend([&*both.left, &*both.right]);
            }
            _ => {}
        }
    }
    patterns
}

/// Whether a pattern binds all that it is held against, or what its `Ok` or `Some` holds.
pub(super) fn is_whole_value(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(_) | Pat::Type(_) => true,
        pattern => held(pattern).is_some_and(|inner| matches!(inner, Pat::Ident(_))),
    }
}

/// The second name of two: `value` in `for (name, value) in &headers`.
pub(super) fn second_name(pattern: &Pat) -> Option<&Ident> {
    let Pat::Tuple(tuple) = pattern else { return None };
    let Some(Pat::Ident(value)) = tuple.elems.get(1) else { return None };
    (tuple.elems.len() == 2).then_some(&value.ident)
}

/// What stands in `Ok(..)` and `Some(..)`.
pub(super) fn held(pattern: &Pat) -> Option<&Pat> {
    let Pat::TupleStruct(tuple) = pattern else { return None };
    let is_one = tuple.path.is_ident("Ok") || tuple.path.is_ident("Some");
    tuple.elems.first().filter(|_| is_one && tuple.elems.len() == 1)
}
