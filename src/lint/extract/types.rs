//! Types, as far as names go.

use crate::lint::facts::Ty;
use syn::GenericArgument;
use syn::PathArguments;
use syn::ReturnType;
use syn::Token;
use syn::Type;
use syn::TypeParamBound;
use syn::punctuated::Punctuated;

pub(super) fn ty_of(ty: &Type) -> Ty {
    let with = |name: &str, args: Vec<Ty>| Ty { args, ..Ty::named(name) };
    match ty {
        Type::Path(path) => of_path(&path.path),
        Type::Reference(reference) => ty_of(&reference.elem),
        Type::Paren(inner) => ty_of(&inner.elem),
        Type::Group(inner) => ty_of(&inner.elem),
        Type::Tuple(tuple) => with("()", tuple.elems.iter().map(ty_of).collect()),
        Type::Array(array) => with("[]", vec![ty_of(&array.elem)]),
        Type::Slice(slice) => with("[]", vec![ty_of(&slice.elem)]),
        Type::TraitObject(object) => with("dyn", of_bounds(&object.bounds)),
        Type::ImplTrait(object) => with("dyn", of_bounds(&object.bounds)),
        Type::BareFn(_) => Ty::named("fn"),
        _ => Ty::named("_"),
    }
}

/// Whether a type is that of numbers.
pub(super) fn is_number(ty: &Ty) -> bool {
    let is_size = |rest: &str| rest == "size" || rest.parse::<u8>().is_ok();
    ty.name.strip_prefix(['u', 'i', 'f']).is_some_and(is_size)
}

pub(super) fn of_path(path: &syn::Path) -> Ty {
    let mut names = path.segments.iter().rev();
    let Some(last) = names.next() else { return Ty::named("_") };
    let args = match &last.arguments {
        PathArguments::None => Vec::new(),
        PathArguments::AngleBracketed(angled) => {
            angled.args.iter().filter_map(of_argument).collect()
        }
        PathArguments::Parenthesized(function) => {
            let output = match &function.output {
                ReturnType::Type(_, ty) => Some(ty_of(ty)),
                ReturnType::Default => None,
            };
            function.inputs.iter().map(ty_of).chain(output).collect()
        }
    };
    let qualifier = names.next().map(|segment| segment.ident.to_string()).unwrap_or_default();
    Ty { name: last.ident.to_string(), qualifier, args }
}

fn of_argument(argument: &GenericArgument) -> Option<Ty> {
    match argument {
        GenericArgument::Type(ty) => Some(ty_of(ty)),
        GenericArgument::AssocType(assoc) => Some(ty_of(&assoc.ty)),
        _ => None,
    }
}

pub(super) fn of_bounds(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Vec<Ty> {
    let of_bound = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => Some(of_path(&bound.path)),
        _ => None,
    };
    bounds.iter().filter_map(of_bound).collect()
}

/// Whether a bound makes something that can be run: a future or a closure.
pub(super) fn is_callable_bound(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Trait(bound)
        if bound.path.segments.last().is_some_and(|last| is_callable_name(&last.ident.to_string())))
}

pub(super) fn is_callable_name(name: &str) -> bool {
    matches!(
        name,
        "Future" | "IntoFuture" | "FnOnce" | "FnMut" | "Fn" | "BoxFuture" | "LocalBoxFuture"
    )
}
