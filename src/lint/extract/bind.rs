//! What a pattern binds.

use syn::Ident;
use syn::Pat;

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
