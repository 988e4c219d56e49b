//! Attributes: which items are tests, and what others say.

use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use syn::Attribute;
use syn::Meta;

/// Whether the item is there in tests only.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => asks_for_test(list.tokens.clone()),
        meta => {
            let last = meta.path().segments.last();
            last.is_some_and(|last| {
                matches!(
                    &*last.ident.to_string(),
                    "test" | "rstest" | "test_case" | "bench" | "proptest"
                )
            })
        }
    })
}

/// Whether a `cfg` can hold in tests only.
fn asks_for_test(tokens: TokenStream) -> bool {
    let mut name = String::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => name = ident.to_string(),
            TokenTree::Group(group) => {
                return match &*name {
                    "all" => parts(group.stream()).into_iter().any(asks_for_test),
                    "any" => parts(group.stream()).into_iter().all(asks_for_test),
                    _ => false,
                };
            }
            _ => return false,
        }
    }
    name == "test"
}

/// What stands between the commas.
pub(super) fn parts(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(Vec::new()),
            token => {
                if let Some(part) = parts.last_mut() {
                    part.push(token);
                }
            }
        }
    }
    parts.into_iter().filter(|part| !part.is_empty()).map(TokenStream::from_iter).collect()
}

/// The path of an attribute that a rule may ask for, and its arguments.
pub(super) fn of_interest(attribute: &Attribute) -> Option<(String, String)> {
    let path = path_text(attribute.path());
    if matches!(
        &*path,
        "doc"
            | "cfg"
            | "cfg_attr"
            | "derive"
            | "inline"
            | "allow"
            | "expect"
            | "must_use"
            | "warn"
            | "deprecated"
            | "deny"
            | "track_caller"
            | "cold"
    ) {
        return None;
    }
    let args = match &attribute.meta {
        Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    };
    Some((path, args))
}

/// The attributes that `cfg_attr` sets.
pub(super) fn set_by_cfg(attribute: &Attribute) -> Vec<Attribute> {
    let Meta::List(list) = &attribute.meta else { return Vec::new() };
    if !list.path.is_ident("cfg_attr") {
        return Vec::new();
    }
    let set = parts(list.tokens.clone()).into_iter().skip(1);
    set.filter_map(|tokens| {
        let meta = syn::parse2(tokens).ok()?;
        let (style, bracket_token) = (syn::AttrStyle::Outer, syn::token::Bracket::default());
        Some(Attribute { pound_token: <syn::Token![#]>::default(), style, bracket_token, meta })
    })
    .collect()
}

/// `a::b::c`, without arguments.
pub(super) fn path_text(path: &syn::Path) -> String {
    let mut text = String::new();
    for segment in &path.segments {
        if !text.is_empty() {
            text.push_str("::");
        }
        text.push_str(&segment.ident.to_string());
    }
    text
}

/// The `path = ".."` of a module.
pub(super) fn module_path(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

/// The `cfg_attr(.., path = "..")` of a module: one of them may hold.
pub(super) fn conditional_paths(attributes: &[Attribute]) -> Vec<String> {
    let mut paths = Vec::new();
    for attribute in attributes {
        let Meta::List(list) = &attribute.meta else { continue };
        if list.path.is_ident("cfg_attr") {
            for part in parts(list.tokens.clone()).into_iter().skip(1) {
                if let Ok(Meta::NameValue(pair)) = syn::parse2(part)
                    && pair.path.is_ident("path")
                    && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) =
                        &pair.value
                {
                    paths.push(path.value());
                }
            }
        }
    }
    paths
}

/// Whether there is a `cfg`.
pub(super) fn is_conditional(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg"))
}

/// The attributes of a statement, as far as they are those of what it runs.
pub(super) fn of_statement(statement: &syn::Stmt) -> &[Attribute] {
    match statement {
        syn::Stmt::Local(local) => &local.attrs,
        syn::Stmt::Macro(invocation) => &invocation.attrs,
        syn::Stmt::Item(_) => &[],
        syn::Stmt::Expr(expr, _) => match expr {
            syn::Expr::Assign(expr) => &expr.attrs,
            syn::Expr::Async(expr) => &expr.attrs,
            syn::Expr::Await(expr) => &expr.attrs,
            syn::Expr::Block(expr) => &expr.attrs,
            syn::Expr::Call(expr) => &expr.attrs,
            syn::Expr::ForLoop(expr) => &expr.attrs,
            syn::Expr::If(expr) => &expr.attrs,
            syn::Expr::Loop(expr) => &expr.attrs,
            syn::Expr::Macro(expr) => &expr.attrs,
            syn::Expr::Match(expr) => &expr.attrs,
            syn::Expr::MethodCall(expr) => &expr.attrs,
            syn::Expr::Return(expr) => &expr.attrs,
            syn::Expr::Try(expr) => &expr.attrs,
            syn::Expr::Unsafe(expr) => &expr.attrs,
            syn::Expr::While(expr) => &expr.attrs,
            _ => &[],
        },
    }
}
