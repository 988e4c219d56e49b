//! The type of a local, where its binding tells it.

use super::bind::held;
use super::bind::is_whole_value;
use super::body::MAX_STEPS;
use super::body::Walker;
use super::types::of_path;
use super::types::ty_of;
use crate::lint::facts::Made;
use crate::lint::facts::Ty;
use syn::AngleBracketedGenericArguments;
use syn::Expr;
use syn::GenericArgument;
use syn::Pat;
use syn::PathArguments;
use syn::Type;

/// Values inside values that are followed.
const MAX_TAKEN: usize = 4;

impl Walker<'_, '_> {
    /// What is known of a local's type: as it is written there, or the function that gives it.
    pub(super) fn made(&self, pattern: &Pat, by: &Expr) -> Option<Made> {
        match pattern {
            Pat::Type(typed) => {
                let ty = ty_of(&typed.ty);
                if ty.name == "_" { self.made_by(by) } else { Some(Made::As(ty)) }
            }
            Pat::TupleStruct(tuple) if tuple.path.is_ident("Err") => {
                Some(Made::Fault(Box::new(self.made_by(by)?)))
            }
            // `let Value::Array(lines) = lines`
            Pat::TupleStruct(tuple)
                if held(pattern).is_none()
                    && matches!(tuple.elems.first(), Some(Pat::Ident(_)))
                    && tuple.elems.len() == 1 =>
            {
                let name = tuple.path.segments.last()?.ident.to_string();
                taken(self.made_by(by)?, name)
            }
            pattern if is_whole_value(pattern) => self.made_by(by),
            _ => None,
        }
    }

    pub(super) fn made_by(&self, expr: &Expr) -> Option<Made> {
        self.made_within(expr, MAX_STEPS).filter(|made| !is_too_deep(made))
    }

    fn made_within(&self, expr: &Expr, left: usize) -> Option<Made> {
        let left = left.checked_sub(1)?;
        match expr {
            Expr::Reference(inner) => self.made_within(&inner.expr, left),
            Expr::Paren(inner) => self.made_within(&inner.expr, left),
            Expr::Try(inner) => self.made_within(&inner.expr, left),
            Expr::Await(inner) => self.made_within(&inner.base, left),
            Expr::Field(field) => match &field.member {
                syn::Member::Named(name) => {
                    let of = self.made_within(&field.base, left).map(Box::new);
                    Some(Made::Field { of, name: name.to_string() })
                }
                // What a type of one value holds.
                syn::Member::Unnamed(_) => self.made_within(&field.base, left),
            },
            Expr::If(branches) => self
                .made_by_block(&branches.then_branch, left)
                .or_else(|| self.made_within(&branches.else_branch.as_ref()?.1, left)),
            // `match given { Ok(one) => one, Err(_) => return }`
            Expr::Match(of) => {
                let is_it = |arm: &syn::Arm| {
                    let body = match &*arm.body {
                        Expr::Path(path) => path.path.get_ident(),
                        _ => None,
                    };
                    matches!(held(&arm.pat), Some(Pat::Ident(one)) if Some(&one.ident) == body)
                };
                of.arms.iter().any(is_it).then(|| self.made_within(&of.expr, left)).flatten()
            }
            Expr::Block(block) => self.made_by_block(&block.block, left),
            Expr::Macro(invocation) if invocation.mac.path.is_ident("format") => {
                Some(Made::Composed)
            }
            Expr::Cast(cast) if !matches!(&*cast.ty, Type::Infer(_)) => {
                Some(Made::As(ty_of(&cast.ty)))
            }
            Expr::Struct(made) => Some(Made::As(of_path(&made.path))),
            Expr::Path(path) => self.made_of_name(&path.path.get_ident()?.to_string()),
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else { return None };
                let mut names = path.path.segments.iter().rev().map(|part| part.ident.to_string());
                let (name, of) = (names.next()?, names.next().unwrap_or_default());
                match &*name {
                    "Some" | "Ok" | "Err" => self.made_within(call.args.first()?, left),
                    _ => asked_for(&path.path.segments.last()?.arguments)
                        .or(Some(Made::By { of, name })),
                }
            }
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                if is_same(&name) {
                    return self.made_within(&call.receiver, left);
                }
                if matches!(&*name, "len" | "count") && call.args.is_empty() {
                    return Some(Made::As(Ty::named("usize")));
                }
                if let Some(turbofish) = &call.turbofish {
                    return asked_for_in(turbofish);
                }
                if takes_one(&name)
                    && let Some(of) = self.made_within(&call.receiver, left)
                {
                    return taken(of, name);
                }
                let is_own = matches!(&*call.receiver, Expr::Path(of) if of.path.is_ident("self"));
                Some(if is_own {
                    Made::By { of: "Self".to_owned(), name }
                } else {
                    Made::Method(name)
                })
            }
            _ => None,
        }
    }

    fn made_by_block(&self, block: &syn::Block, left: usize) -> Option<Made> {
        match block.stmts.last()? {
            syn::Stmt::Expr(last, None) => self.made_within(last, left),
            _ => None,
        }
    }

    /// The parts of a tuple, and the names that they are given.
    pub(super) fn made_parts(&self, pattern: &Pat, by: &Expr) -> Vec<(String, Made)> {
        let Pat::Tuple(tuple) = held(pattern).unwrap_or(pattern) else { return Vec::new() };
        let Some(of) = self.made_by(by) else { return Vec::new() };
        let parts = tuple.elems.iter().enumerate().filter_map(|(at, part)| match part {
            Pat::Ident(name) => {
                Some((name.ident.to_string(), Made::Part(Box::new(of.clone()), at)))
            }
            _ => None,
        });
        parts.collect()
    }

    /// What is known of a variable's type.
    pub(super) fn made_of_name(&self, name: &str) -> Option<Made> {
        match self.bound.get(name) {
            Some(bound) => bound.made.clone(),
            None if name == "self" => Some(Made::As(Ty::named("Self"))),
            None => self.type_of_param(name).map(Made::As),
        }
    }

    fn type_of_param(&self, name: &str) -> Option<Ty> {
        let mut params = self.facts.params.iter();
        let param = params.find(|param| *param.names == [name])?;
        Some(param.ty.clone())
    }
}

/// Whether a value is a part of a part of .. of a part: each local that is made of another may add one.
fn is_too_deep(made: &Made) -> bool {
    let (mut around, mut steps) = (made, 0);
    while let Made::Field { of: Some(of), .. }
    | Made::Taken { of, .. }
    | Made::Fault(of)
    | Made::Part(of, _) = around
    {
        (around, steps) = (&**of, steps + 1);
    }
    steps > MAX_STEPS
}

/// The type that a call is asked for: `response.json::<Token>()`, `query_as::<_, User>(..)`.
fn asked_for(arguments: &PathArguments) -> Option<Made> {
    match arguments {
        PathArguments::AngleBracketed(angled) => asked_for_in(angled),
        _ => None,
    }
}

fn asked_for_in(angled: &AngleBracketedGenericArguments) -> Option<Made> {
    match angled.args.last()? {
        GenericArgument::Type(ty) => {
            Some(Made::As(ty_of(ty))).filter(|_| !matches!(ty, Type::Infer(_)))
        }
        _ => None,
    }
}

/// What is taken out of something, unless that was taken out of too much already.
fn taken(of: Made, name: String) -> Option<Made> {
    let (mut around, mut steps) = (&of, 0);
    while let Made::Taken { of, .. } = around {
        (around, steps) = (&**of, steps + 1);
    }
    (steps < MAX_TAKEN).then(|| Made::Taken { of: Box::new(of), name })
}

/// Calls that give a part of a list, a map or any value.
fn takes_one(method: &str) -> bool {
    matches!(
        method,
        "pop_front"
            | "pop_back"
            | "remove"
            | "get"
            | "get_mut"
            | "swap_remove"
            | "as_array"
            | "as_object"
            | "pointer"
            | "values"
            | "drain"
            | "nth"
            | "take"
    )
}

/// Calls that give what they are called on, or what it holds.
pub(super) fn is_same(method: &str) -> bool {
    matches!(
        method,
        "unwrap"
            | "expect"
            | "unwrap_or_default"
            | "unwrap_or_else"
            | "map_err"
            | "ok"
            | "ok_or"
            | "ok_or_else"
            | "context"
            | "with_context"
            | "clone"
            | "cloned"
            | "as_ref"
            | "iter"
            | "into_iter"
            | "into_inner"
            | "to_owned"
            | "instrument"
            | "load"
            | "unwrap_or"
            | "pop"
            | "first"
            | "last"
            | "next"
    )
}
