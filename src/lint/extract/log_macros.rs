//! Which macros write to a log.

use super::macros::walk;
use crate::lint::source::is_log_macro;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;

/// What may come before the text of a log line.
const LEVEL_AND_TARGET: usize = 7;

/// Whether the body of a macro hands on what it is given to one of a log: `tracing::$level!(..)` as well.
pub(super) fn logs_in(tokens: &TokenStream) -> bool {
    let mut found = false;
    let mut is_of_log = false;
    let mut is_invoked = false;
    walk(tokens, &mut |token, next| match token {
        TokenTree::Ident(ident) => {
            let name = ident.to_string();
            let is_macro = matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
            is_invoked = is_macro && (is_of_log || is_log_macro(name.as_bytes()));
            is_of_log = matches!(&*name, "tracing" | "log");
        }
        TokenTree::Group(group) => {
            found |= is_invoked && has_metavariable(&group.stream());
            (is_of_log, is_invoked) = (false, false);
        }
        TokenTree::Punct(punct) if matches!(punct.as_char(), ':' | '$' | '!') => {}
        _ => (is_of_log, is_invoked) = (false, false),
    });
    found
}

fn has_metavariable(tokens: &TokenStream) -> bool {
    let mut found = false;
    walk(tokens, &mut |token, _| {
        found |= matches!(token, TokenTree::Punct(punct) if punct.as_char() == '$');
    });
    found
}

/// Whether a macro that is none of a known log may hand on to one: what it is given begins as a log line does.
pub(super) fn may_log(name: &str, tokens: &TokenStream) -> bool {
    let is_text = |token: &TokenTree| matches!(token, TokenTree::Literal(text) if text.to_string().ends_with('"'));
    let is_other = name.ends_with("format")
        || name.starts_with("assert")
        || name.starts_with("query")
        || matches!(
            name,
            "anyhow"
                | "bail"
                | "eyre"
                | "ensure"
                | "panic"
                | "todo"
                | "unreachable"
                | "unimplemented"
                | "concat"
                | "json"
                | "vec"
                | "format_args"
                | "write"
                | "writeln"
                | "matches"
                | "env"
                | "include_str"
                | "err"
                | "t"
                | "sql"
                | "html"
                | "regex"
                | "include"
                | "include_bytes"
                | "compile_error"
        );
    !is_other && tokens.clone().into_iter().take(LEVEL_AND_TARGET).any(|token| is_text(&token))
}
