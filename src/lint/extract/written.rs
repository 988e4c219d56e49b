//! What an expression in a log line shows.

use super::root::Root;
use super::root::root_of;
use crate::lint::facts::Made;
use crate::lint::source::is_said_word;
use crate::lint::source::is_secret_word;
use proc_macro2::Span;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use syn::Expr;
use syn::ExprMethodCall;
use syn::Lit;
use syn::Member;

/// A value that is written, by its last name.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) span: Span,
    /// The variable that it is a field of.
    pub(super) of: Option<String>,
    /// The variable that it was taken out of.
    pub(super) root: Option<Root>,
    /// Whether it is a variable, and not a part of one.
    pub(super) is_variable: bool,
    /// The function that gives it.
    pub(super) made: Option<Made>,
    /// Whether a call gives it.
    pub(super) is_call: bool,
    /// Whether it is written out with all its parts.
    pub(super) is_serialized: bool,
}

impl Written {
    pub(super) fn variable(name: &str, span: Span) -> Self {
        let root = Some(Root::of_variable(name, span));
        Self { is_variable: true, root, ..Self::part(name, span) }
    }

    /// What the function `of::name` gives.
    pub(super) fn given(of: &str, name: &str, span: Span) -> Self {
        let made = Some(Made::By { of: of.to_owned(), name: name.to_owned() });
        Self { made, is_call: true, ..Self::part(name, span) }
    }

    fn part(name: &str, span: Span) -> Self {
        Self {
            name: name.to_owned(),
            span,
            of: None,
            root: None,
            made: None,
            is_variable: false,
            is_call: false,
            is_serialized: false,
        }
    }
}

/// What the tokens of one argument write.
pub(super) fn value_of(tokens: &TokenStream) -> Option<Written> {
    // Most are one name.
    let mut all = tokens.clone().into_iter();
    if let (Some(TokenTree::Ident(ident)), None) = (all.next(), all.next()) {
        return Some(Written::variable(&ident.to_string(), ident.span()));
    }
    written(&syn::parse2::<Expr>(tokens.clone()).ok()?)
}

/// What an expression writes, and which variable that was taken out of.
pub(super) fn written(expr: &Expr) -> Option<Written> {
    let root = root_of(expr);
    let Some(written) = written_by(expr) else {
        let root = root?;
        let part = Written::part(root.last(), root.span);
        return Some(Written { root: Some(root), ..part });
    };
    // `request.get_ref()` is the request.
    let is_told = is_secret_word(written.name.as_bytes()) || is_said_word(written.name.as_bytes());
    let name =
        root.as_ref().filter(|_| written.is_call && !is_told).map(|root| root.last().to_owned());
    let name = name.unwrap_or_else(|| written.name.clone());
    Some(Written { name, root, ..written })
}

/// What an expression writes: what another call makes of a value is not the value.
pub(super) fn written_by(expr: &Expr) -> Option<Written> {
    match expr {
        Expr::Path(path) => {
            let name = path.path.get_ident()?;
            Some(Written::variable(&name.to_string(), name.span()))
        }
        Expr::Field(field) => {
            let Member::Named(name) = &field.member else { return written_by(&field.base) };
            let text = match name.to_string() {
                name if name == "auth" => "auth_secret".to_owned(),
                name => name,
            };
            let of = match &*field.base {
                Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
                _ => None,
            };
            Some(Written { of, ..Written::part(&text, name.span()) })
        }
        Expr::MethodCall(call) => by_method(call),
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return None };
            let last = path.path.segments.last()?.ident.to_string();
            if let Some(given) = given_by(&last) {
                let span = path.path.segments.last()?.ident.span();
                return Some(Written { is_call: true, ..Written::part(given, span) });
            }
            let written = written_by(call.args.first()?)?;
            let is_serialized = written.is_serialized
                || matches!(&*last, "to_string_pretty" | "to_value")
                || last == "to_string"
                    && path.path.segments.iter().any(|of| of.ident == "serde_json");
            (hands_over(&last) || is_serialized && is_wrapper(&last)).then_some(Written {
                is_variable: false,
                is_serialized,
                ..written
            })
        }
        Expr::Index(index) => match literal(&index.index) {
            Some((name, span)) => Some(Written::part(&name, span)),
            None => written_by(&index.expr).map(|of| Written { is_variable: false, ..of }),
        },
        Expr::Reference(inner) => written_by(&inner.expr),
        Expr::Unary(inner) if !matches!(inner.op, syn::UnOp::Not(_)) => written_by(&inner.expr),
        Expr::Paren(inner) => written_by(&inner.expr),
        Expr::Group(inner) => written_by(&inner.expr),
        Expr::Cast(inner) => written_by(&inner.expr),
        Expr::Try(inner) => written_by(&inner.expr),
        Expr::Await(inner) => match body_of(expr) {
            // What a refusal says is read where it is written.
            Some(name) if name != "answer_body" => {
                let span = inner.await_token.span;
                Some(Written::part(&name, span))
            }
            _ => written_by(&inner.base),
        },
        _ => None,
    }
}

fn by_method(call: &ExprMethodCall) -> Option<Written> {
    let method = call.method.to_string();
    if hands_on(&method) {
        return written_by(&call.receiver);
    }
    if let Some((name, span)) = call.args.first().and_then(literal)
        && matches!(&*method, "get" | "get_all" | "header")
    {
        return Some(Written::part(&name, span));
    }
    if let Some(Expr::Closure(closure)) = call.args.first()
        && matches!(&*method, "map" | "and_then" | "map_or")
    {
        return written_by(&closure.body).map(|of| Written { is_variable: false, ..of });
    }
    // `.map(RefreshToken::secret)`
    if let Some(Expr::Path(path)) = call.args.first()
        && method == "map"
    {
        let mut parts = path.path.segments.iter().rev().map(|part| part.ident.to_string());
        let (last, of) = (parts.next()?, parts.next().unwrap_or_default());
        return written_by(&call.receiver).filter(|_| hands_on(&last) && !of.ends_with("Id"));
    }
    // A getter gives what it is called.
    let span = call.method.span();
    call.args.is_empty().then(|| Written { is_call: true, ..Written::part(&method, span) })
}

fn literal(expr: &Expr) -> Option<(String, Span)> {
    match expr {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Some((text.value(), text.span())),
        // `header::AUTHORIZATION`
        Expr::Path(path) if path.path.segments.len() > 1 || is_constant(path) => {
            let last = &path.path.segments.last()?.ident;
            Some((last.to_string().to_lowercase(), last.span()))
        }
        Expr::Reference(inner) => literal(&inner.expr),
        _ => None,
    }
}

fn is_constant(path: &syn::ExprPath) -> bool {
    path.path.get_ident().is_some_and(|name| super::body::is_capital(&name.to_string()))
}

/// The last name of what is another name of a value: `user.email.clone()`.
pub(super) fn alias_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Field(_)
        | Expr::Call(_)
        | Expr::MethodCall(_)
        | Expr::Reference(_)
        | Expr::Try(_)
        | Expr::Await(_) => {
            if let Some(body) = body_of(expr) {
                return Some(body);
            }
            written_by(expr).filter(|of| !of.is_call).map(|of| of.name)
        }
        _ => None,
    }
}

/// `response.text().await` is the body of an answer, and `to_bytes(body, limit).await` that of a request.
fn body_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::MethodCall(call) => {
            let method = call.method.to_string();
            let is_whole = hands_on(&method)
                || matches!(
                    &*method,
                    "map_err"
                        | "to_bytes"
                        | "chars"
                        | "take"
                        | "collect"
                        | "context"
                        | "with_context"
                );
            body_of(&call.receiver).filter(|_| is_whole)
        }
        Expr::Try(inner) => body_of(&inner.expr),
        Expr::Reference(inner) => body_of(&inner.expr),
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return None };
            let last = path.path.segments.last()?.ident.to_string();
            body_of(call.args.first()?).filter(|_| hands_over(&last))
        }
        Expr::Await(inner) => match &*inner.base {
            Expr::MethodCall(call)
                if matches!(&*call.method.to_string(), "text" | "bytes")
                    && call.args.is_empty() =>
            {
                Some("answer_body".to_owned())
            }
            Expr::Call(call) => match &*call.func {
                Expr::Path(path)
                    if path.path.segments.last().is_some_and(|last| last.ident == "to_bytes") =>
                {
                    Some("request_body".to_owned())
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Whether a function makes a type of one value: `JsonValue(&value)`.
fn is_wrapper(function: &str) -> bool {
    function.starts_with(|first: char| first.is_uppercase())
}

/// The secret that a function gives, by its name, where it makes nothing else of it: `token_of(&request)`.
fn given_by(function: &str) -> Option<&str> {
    const MAKES: &[&str] = &[
        "mask", "redact", "hash", "hide", "anonym", "obfusc", "trunc", "short", "sanit", "encrypt",
        "digest", "valid", "check", "verify", "is_", "has_", "count", "len", "parse", "fmt",
        "format", "display", "describe", "summar", "preview", "log_", "safe", "to_", "expose",
        "debug",
    ];
    let ends = ["_from_", "_of_", "_by_", "_for_", "_in_"].iter();
    let end = ends.filter_map(|end| function.find(end)).min().unwrap_or(function.len());
    let given = function[..end].trim_end_matches("_of").trim_end_matches("_from");
    let is_one = function.starts_with(|first: char| first.is_lowercase())
        && is_secret_word(given.as_bytes())
        && !hands_over(function)
        && !MAKES.iter().any(|verb| function.contains(verb));
    is_one.then_some(given)
}

/// Functions that give what they are given.
pub(super) fn hands_over(function: &str) -> bool {
    matches!(
        function,
        "Some"
            | "Ok"
            | "from_utf8_lossy"
            | "from_utf8"
            | "display"
            | "debug"
            | "to_string"
            | "to_string_pretty"
            | "from"
            | "DisplayValue"
            | "to_value"
    )
}

/// Calls that give the value itself.
pub(super) fn hands_on(method: &str) -> bool {
    matches!(
        method,
        "to_string"
            | "secret"
            | "expose_secret"
            | "as_str"
            | "clone"
            | "as_ref"
            | "as_mut"
            | "unwrap"
            | "expect"
            | "unwrap_or"
            | "unwrap_or_else"
            | "to_owned"
            | "unwrap_or_default"
            | "as_deref"
            | "display"
            | "inner"
            | "to_str"
            | "into_inner"
            | "trim"
            | "map_err"
            | "or_else"
            | "into_bytes"
            | "to_lowercase"
            | "to_uppercase"
            | "to_ascii_lowercase"
            | "join"
            | "iter"
            | "cloned"
            | "copied"
            | "into_owned"
            | "to_vec"
            | "as_bytes"
            | "into_string"
            | "borrow"
            | "deref"
            | "ok"
            | "as_debug"
            | "as_value"
            | "to_string_lossy"
    )
}
