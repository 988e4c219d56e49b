//! Renders the fields of an event or a span.

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

    /// Whether this is the message of an event, in a line of text. Begins it.
    fn is_sentence(&mut self, field: &Field) -> bool {
        let is_event = self.written.is_none();
        let is_sentence = is_event && self.style == Style::Text && field.name() == "message";
        if is_sentence && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        is_sentence
    }

    fn display(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.is_sentence(field) {
            self.style.message(self.out, value);
        } else {
            self.field(field, |style, out| style.display(out, value));
        }
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

    // As text: most readers of JSON have no number that wide.
    fn record_i128(&mut self, field: &Field, value: i128) {
        self.display(field, format_args!("{value}"));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.display(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if self.is_sentence(field) {
            self.style.message(self.out, format_args!("{value}"));
        } else {
            self.field(field, |style, out| style.string(out, value));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.display(field, format_args!("{}", Chain(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.display(field, format_args!("{value:?}"));
    }
}

/// An error and, each after a colon, what it came from.
struct Chain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
