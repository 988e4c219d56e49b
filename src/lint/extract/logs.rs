//! What log macros and spans write down.

use super::attributes::parts;
use super::body::Walker;
use super::macros::holes;
use crate::lint::facts::Log;
use crate::lint::source::is_secret_word;
use proc_macro2::Ident;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;

/// Whether a macro writes a log line or opens a span.
pub(super) fn is_log(name: &str) -> bool {
    matches!(
        name,
        "trace"
            | "debug"
            | "info"
            | "warn"
            | "error"
            | "event"
            | "span"
            | "trace_span"
            | "debug_span"
            | "info_span"
            | "warn_span"
            | "error_span"
            | "log"
    )
}

impl Walker<'_, '_> {
    pub(super) fn log(&mut self, invocation: &syn::Macro, name: &str) {
        let Some(at) = invocation.path.segments.last().map(|last| last.ident.span()) else {
            return;
        };
        let at = self.extractor.span(at);
        let parts = parts(invocation.tokens.clone());
        // Which argument goes into which hole is not told apart.
        let has_debug_hole = parts.iter().cloned().flatten().any(|token| {
            matches!(token, TokenTree::Literal(literal) if literal.to_string().contains("?}"))
        });
        for part in parts {
            let mut note = |value: &str, span: proc_macro2::Span, is_debug: bool| {
                let is_debug = is_debug || has_debug_hole;
                if is_secret_word(value.as_bytes()) {
                    let span = self.extractor.span(span);
                    self.facts.logs.push(Log {
                        macro_name: name.to_owned(),
                        value: value.to_owned(),
                        is_debug,
                        span,
                        at,
                    });
                }
            };
            written_by(part, &mut note);
        }
    }
}

/// Calls `note` with what one argument writes.
fn written_by(part: TokenStream, note: &mut impl FnMut(&str, proc_macro2::Span, bool)) {
    let mut tokens: Vec<_> = part.into_iter().collect();
    let is_equals =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=');
    if let Some(at) = tokens.iter().position(is_equals) {
        tokens.drain(..=at);
    }
    let is_sigil = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if matches!(punct.as_char(), '%' | '?' | '&' | '*'));
    let start = tokens.iter().take_while(|token| is_sigil(token)).count();
    let is_debug =
        matches!(tokens.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == '?');
    let tokens = &tokens[start..];
    if let [TokenTree::Literal(literal)] = tokens {
        for hole in holes(&literal.to_string()).into_iter().flatten() {
            note(&hole, literal.span(), false);
        }
        return;
    }
    // A path of names writes its last one, calls that hand the value on left out; what another call makes
    // of a value is not the value.
    let (mut of, mut last): (Option<&Ident>, Option<&Ident>) = (None, None);
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                let is_call = matches!(tokens.peek(), Some(TokenTree::Group(_)));
                if !(is_call && hands_on(&ident.to_string())) {
                    of = last.replace(ident);
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '.' => {}
            TokenTree::Group(group) if group.stream().is_empty() => {}
            _ => return,
        }
    }
    if let Some(ident) = last {
        let of_user = of.is_some_and(|of| of == "user" || of == "account" || of == "member");
        let name =
            if of_user && ident == "name" { "username".to_owned() } else { ident.to_string() };
        note(&name, ident.span(), is_debug);
    }
}

/// Calls that give the value itself.
fn hands_on(method: &str) -> bool {
    matches!(
        method,
        "to_string"
            | "secret"
            | "expose_secret"
            | "as_str"
            | "clone"
            | "as_ref"
            | "unwrap"
            | "to_owned"
            | "unwrap_or_default"
            | "as_deref"
            | "display"
            | "inner"
            | "to_str"
            | "into_inner"
            | "trim"
    )
}
