//! Request headers, where they are read.

use super::body::Walker;
use super::body::is_capital;
use crate::lint::facts::Header;
use crate::lint::facts::Made;
use crate::lint::facts::Param;
use crate::lint::facts::Place;
use crate::lint::facts::Ty;
use syn::Expr;
use syn::ExprCall;
use syn::ExprIndex;
use syn::ExprMethodCall;
use syn::Lit;
use syn::Member;

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

    /// Whether a value is all headers of a request or a response: by its type, or by what it is a part of.
    pub(super) fn is_header_map(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Reference(inner) => self.is_header_map(&inner.expr),
            Expr::Paren(inner) => self.is_header_map(&inner.expr),
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                let name = name.to_string();
                self.bound.get(&name).is_some_and(|bound| bound.is_headers)
                    || self.is_of_type(&name, &|ty| is_header_map_type(&ty.name))
                    || name.ends_with("headers") && self.is_of_type(&name, &is_map_of_texts)
            }),
            Expr::Field(field) => match &field.member {
                Member::Named(name) => name == "headers" && self.is_message(&field.base),
                // What a type of one value holds.
                Member::Unnamed(_) => self.is_header_map(&field.base),
            },
            Expr::MethodCall(call) => match &*call.method.to_string() {
                "headers" | "headers_mut" | "metadata" => self.is_message(&call.receiver),
                "iter" | "iter_mut" | "into_iter" | "clone" | "to_owned" | "drain" => {
                    self.is_header_map(&call.receiver)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The key by which a call takes a value out of the query of an address: `query.get("token")`.
    pub(super) fn query_key(&self, call: &ExprMethodCall, method: &str) -> Option<String> {
        let Some(Expr::Lit(syn::ExprLit { lit: Lit::Str(key), .. })) = call.args.first() else {
            return None;
        };
        let is_query = |place: Place| {
            place.names.iter().any(|name| name.contains("query") || name.contains("params"))
        };
        let is_one = method.starts_with("get") && self.place(&call.receiver).is_some_and(is_query);
        is_one.then(|| key.value())
    }

    /// Whether a value is the whole address of a request, its query with it.
    pub(super) fn is_address(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Reference(inner) => self.is_address(&inner.expr),
            Expr::Paren(inner) => self.is_address(&inner.expr),
            Expr::Path(path) => {
                path.path.get_ident().is_some_and(|name| self.is_name_of_address(&name.to_string()))
            }
            Expr::Field(field) => match &field.member {
                Member::Named(name) => name == "uri" && self.is_request(&field.base),
                Member::Unnamed(_) => self.is_address(&field.base),
            },
            Expr::MethodCall(call) => match &*call.method.to_string() {
                "uri" | "url" | "original_uri" => self.is_request(&call.receiver),
                "to_string" | "clone" | "path_and_query" | "query" | "as_str" | "to_owned"
                | "unwrap" | "expect" | "unwrap_or" | "unwrap_or_default" => {
                    self.is_address(&call.receiver)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a variable is the whole address of a request.
    pub(super) fn is_name_of_address(&self, name: &str) -> bool {
        self.bound.get(name).is_some_and(|bound| bound.is_address)
            || self.is_of_type(name, &|ty| matches!(&*ty.name, "Uri" | "OriginalUri"))
    }

    /// Whether a value is a request of a client, and none that the server sends itself.
    fn is_request(&self, expr: &Expr) -> bool {
        let is_own = match expr {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                match self.made_of_name(&name.to_string()) {
                    Some(Made::As(ty)) => {
                        let of = if ty.qualifier.is_empty() { &ty.name } else { &ty.qualifier };
                        self.extractor.resolve(of).starts_with("reqwest")
                    }
                    Some(Made::Method(made)) => matches!(&*made, "build" | "body"),
                    _ => false,
                }
            }),
            _ => false,
        };
        !is_own && !is_of_response(expr) && self.is_message(expr)
    }

    /// Whether a value is a request or a response, by its name or its type.
    fn is_message(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Reference(inner) => self.is_message(&inner.expr),
            Expr::Paren(inner) => self.is_message(&inner.expr),
            Expr::Try(inner) => self.is_message(&inner.expr),
            Expr::Await(inner) => self.is_message(&inner.base),
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                let name = name.to_string();
                is_message_name(&name)
                    || self.is_of_type(&name, &|ty| MESSAGES.contains(&&*ty.name))
            }),
            Expr::Field(field) => {
                matches!(&field.member, Member::Named(name) if is_message_name(&name.to_string()))
            }
            Expr::MethodCall(call) => {
                let method = call.method.to_string();
                method == "send" || is_message_name(&method)
            }
            _ => false,
        }
    }

    fn is_of_type(&self, name: &str, is_one: &dyn Fn(&Ty) -> bool) -> bool {
        match self.made_of_name(name) {
            Some(Made::As(ty)) => ty.any(is_one),
            Some(Made::By { of, .. }) => is_one(&Ty::named(&of)),
            _ => false,
        }
    }

    fn header(&self, name: &Expr, span: proc_macro2::Span) -> Option<Header> {
        Some(Header { name: header_name(name)?, span: self.extractor.span(span) })
    }
}

/// Whether a type is of all headers of a request or a response.
fn is_header_map_type(name: &str) -> bool {
    name.ends_with("HeaderMap") || name.ends_with("Headers") || name == "MetadataMap"
}

/// Whether a type is that of headers where the name says that they are some.
fn is_map_of_texts(ty: &Ty) -> bool {
    matches!(&*ty.name, "HashMap" | "BTreeMap") && ty.args.iter().all(|arg| arg.name == "String")
}

/// Types that have headers.
const MESSAGES: &[&str] =
    &["Request", "Response", "Parts", "HttpRequest", "HttpResponse", "ServiceRequest"];

/// Whether a name is that of a request, a response, or what stands before its body.
fn is_message_name(name: &str) -> bool {
    const NAMES: &[&str] = &["request", "req", "response", "resp", "res", "parts"];
    NAMES.contains(&name.rsplit('_').next().unwrap_or(name))
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
