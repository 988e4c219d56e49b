//! The two ways to write a line: what stands before, between and around its parts.

use super::super::line;
use std::fmt;
use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Json,
    Text,
}

impl Style {
    /// Begins a field; a separator stands before all but the first of a JSON object.
    pub(super) fn key(self, out: &mut String, name: &str) {
        match self {
            Self::Json => {
                if !out.ends_with('{') {
                    out.push(',');
                }
                out.push('"');
                line::push_quotable(out, name);
                out.push_str("\":");
            }
            Self::Text => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
                line::push_quotable(out, name);
                out.push('=');
            }
        }
    }

    /// Writes a field whose name needs no escape.
    pub(super) fn id(self, out: &mut String, name: &str, value: &str) {
        match self {
            Self::Json => {
                out.push_str(",\"");
                out.push_str(name);
                out.push_str("\":");
            }
            Self::Text => {
                out.push(' ');
                out.push_str(name);
                out.push('=');
            }
        }
        self.string(out, value);
    }

    pub(super) fn string(self, out: &mut String, value: &str) {
        match self {
            Self::Json => {
                out.push('"');
                line::push_quotable(out, value);
                out.push('"');
            }
            Self::Text => line::push_value(out, value),
        }
    }

    /// Writes what `value` displays, quoted; in text only where it must be.
    pub(super) fn display(self, out: &mut String, value: fmt::Arguments<'_>) {
        out.push('"');
        let from = out.len();
        // An error is the value's own; what it wrote until then stays.
        let _ = out.write_fmt(value);
        line::escape_from(out, from);
        if self == Self::Text && line::is_word(&out[from..]) {
            out.remove(from - 1);
        } else {
            out.push('"');
        }
    }

    /// Writes the message of an event: in text as a sentence without a name, quoted only if it holds
    /// what could pass for a field or a span.
    pub(super) fn message(self, out: &mut String, value: fmt::Arguments<'_>) {
        if self == Self::Json {
            return self.display(out, value);
        }
        let from = out.len();
        // An error is the value's own; what it wrote until then stays.
        let _ = out.write_fmt(value);
        line::escape_from(out, from);
        if out[from..].contains(['=', '{', '}', '"', '\\']) {
            out.insert(from, '"');
            out.push('"');
        }
    }

    /// What stands between two spans.
    pub(super) fn between_spans(self) -> char {
        match self {
            Self::Json => ',',
            Self::Text => ':',
        }
    }

    /// JSON has no number for what is not finite.
    pub(super) fn float(self, out: &mut String, value: f64) {
        let _ = match self {
            Self::Json if !value.is_finite() => out.write_str("null"),
            _ => write!(out, "{value:?}"),
        };
    }
}
