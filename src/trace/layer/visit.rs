//! Renders the fields of an event or a span.

use super::super::line;
use super::escaped::Escaped;
use super::style::Style;
use std::error::Error;
use std::fmt;
use std::fmt::Write;
use tracing::field::Field;
use tracing::field::Visit;

/// Writes each field as it is visited.
pub(super) struct Fields<'a> {
    pub(super) style: Style,
    pub(super) out: &'a mut String,
    /// Which fields to leave out.
    pub(super) is_hidden: fn(&str) -> bool,
    /// Told of each field after it was written, with the length of `out`.
    pub(super) written: Option<&'a mut Vec<(&'static str, usize)>>,
}

impl Fields<'_> {
    fn field(&mut self, field: &Field, value: impl FnOnce(Style, &mut String)) {
        let name = field.name().strip_prefix("r#").unwrap_or(field.name());
        if (self.is_hidden)(name) {
            return;
        }
        self.style.key(self.out, name);
        value(self.style, self.out);
        if let Some(written) = &mut self.written {
            written.push((name, self.out.len()));
        }
    }

    fn number(&mut self, field: &Field, value: impl fmt::Display) {
        self.field(field, |_, out| {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "{value}");
        });
    }

    /// Whether this is the message of a line of text, which stands there without a name. Begins it.
    fn is_free_text(&mut self, field: &Field) -> bool {
        let is_free_text = self.style == Style::Text && field.name() == "message";
        if is_free_text && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        is_free_text
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, |style, out| style.float(out, value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.number(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.number(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if self.is_free_text(field) {
            line::push_free(self.out, value);
        } else {
            self.field(field, |style, out| style.string(out, value));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.field(field, |style, out| style.display(out, format_args!("{value}")));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.is_free_text(field) {
            let mut out = Escaped { out: self.out, push: line::push_free };
            // An error is the value's own; what it wrote until then stays.
            let _ = write!(out, "{value:?}");
        } else {
            self.field(field, |style, out| style.display(out, format_args!("{value:?}")));
        }
    }
}
