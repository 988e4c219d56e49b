//! Which macros write to a log.

use super::macros::walk;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;

/// What may come before the text of a log line.
const LEVEL_AND_TARGET: usize = 7;

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
            | "println"
            | "eprintln"
            | "print"
            | "eprint"
            | "dbg"
    )
}

/// Whether tokens invoke a macro of a log: `tracing::$level!(..)` as well.
pub(super) fn logs_in(tokens: &TokenStream) -> bool {
    let mut found = false;
    let mut is_of_log = false;
    walk(tokens, &mut |token, next| match token {
        TokenTree::Ident(ident) => {
            let name = ident.to_string();
            let is_macro = matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
            found |= is_macro && (is_of_log || is_log(&name));
            is_of_log = matches!(&*name, "tracing" | "log");
        }
        TokenTree::Punct(punct) if punct.as_char() == ':' => {}
        _ => is_of_log = false,
    });
    found
}

/// Whether a macro that is none of a known log may hand on to one: what it is given begins as a log line does.
pub(super) fn may_log(name: &str, tokens: &TokenStream) -> bool {
    let is_text = |token: &TokenTree| matches!(token, TokenTree::Literal(text) if text.to_string().ends_with('"'));
    let is_other = name.ends_with("format")
        || name.starts_with("assert")
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
        );
    !is_other && tokens.clone().into_iter().take(LEVEL_AND_TARGET).any(|token| is_text(&token))
}
