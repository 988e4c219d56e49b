//! Request headers, where they are read.

use super::body::Walker;
use super::body::is_capital;
use crate::lint::facts::Header;
use crate::lint::facts::Param;
use syn::Expr;
use syn::ExprCall;
use syn::ExprIndex;
use syn::ExprMethodCall;
use syn::Lit;

impl Walker<'_, '_> {
    /// Notes what a header says that is read.
    pub(super) fn reads(&mut self, header: Option<Header>) {
        let Some(header) = header else { return };
        if !self.facts.headers.iter().any(|known| known.name == header.name) {
            self.facts.headers.push(header);
        }
    }

    /// The header that `headers.get(..)` or `request.header(..)` reads.
    pub(super) fn header_by_method(&self, call: &ExprMethodCall) -> Option<Header> {
        let method = call.method.to_string();
        let span = call.method.span();
        let name = call.args.first()?;
        if matches!(&*method, "get" | "typed_get" | "get_all") {
            return self.header_of(&call.receiver, name, span);
        }
        let is_one = call.args.len() == 1 && is_constant(name) && gives_header(&method);
        if is_one { self.header(name, span) } else { None }
    }

    /// The header that `header(request, ..)` reads.
    pub(super) fn header_by_call(&self, call: &ExprCall) -> Option<Header> {
        let Expr::Path(path) = &*call.func else { return None };
        let segments = &path.path.segments;
        if call.args.len() != 2 || !gives_header(&segments.last()?.ident.to_string()) {
            return None;
        }
        let name = call.args.iter().find(|arg| is_constant(arg))?;
        self.header(name, segments[0].ident.span())
    }

    /// The header that `headers[..]` reads.
    pub(super) fn header_by_index(&self, index: &ExprIndex) -> Option<Header> {
        self.header_of(&index.expr, &index.index, index.bracket_token.span.open())
    }

    fn header_of(&self, headers: &Expr, name: &Expr, span: proc_macro2::Span) -> Option<Header> {
        let place = self.place(headers)?;
        // What another server answers is no header of a client.
        if is_of_response(headers) {
            return None;
        }
        let last = place.names.last().map(|name| name.to_ascii_lowercase());
        let is_named = last.is_some_and(|name| name.contains("header") || name == "metadata()");
        let is_typed = |param: &Param| {
            place.names.len() == 1
                && param.names.contains(&place.names[0])
                && param.ty.any(|ty| matches!(&*ty.name, "HeaderMap" | "MetadataMap"))
        };
        let is_headers = is_named || self.facts.params.iter().any(is_typed);
        if is_headers { self.header(name, span) } else { None }
    }

    fn header(&self, name: &Expr, span: proc_macro2::Span) -> Option<Header> {
        Some(Header { name: header_name(name)?, span: self.extractor.span(span) })
    }
}

/// The name of a header, written out or a constant.
fn header_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(name), .. }) => Some(name.value()),
        Expr::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        Expr::Reference(inner) => header_name(&inner.expr),
        _ => None,
    }
}

/// Whether an expression begins with a name for a response.
fn is_of_response(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
            let name = name.to_string();
            name.starts_with("resp") || name == "res"
        }),
        Expr::MethodCall(call) => is_of_response(&call.receiver),
        Expr::Field(field) => is_of_response(&field.base),
        Expr::Reference(inner) => is_of_response(&inner.expr),
        _ => false,
    }
}

fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) => true,
        Expr::Path(path) => {
            path.path.segments.last().is_some_and(|last| is_capital(&last.ident.to_string()))
        }
        Expr::Reference(inner) => is_constant(&inner.expr),
        _ => false,
    }
}

/// Whether a function, by its name, gives the header whose name it is given.
fn gives_header(name: &str) -> bool {
    const CHANGES: &[&str] =
        &["set", "insert", "append", "remove", "has", "contains", "with", "add", "is"];
    let mut words = name.split('_');
    words.clone().any(|word| matches!(word, "header" | "headers"))
        && !words.any(|word| CHANGES.contains(&word))
}
