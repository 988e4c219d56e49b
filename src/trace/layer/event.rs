//! One event as one line.

use super::LogLayer;
use super::span::SpanNode;
use super::style::Style;
use super::visit::Fields;
use crate::context::current;
use crate::trace::line;
use std::fmt;
use std::fmt::Write;
use tracing::Event;
use tracing::field::Field;
use tracing::field::Visit;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// The target of events that came from the `log` crate; their own is in a field.
const LOG: &str = "log";
const LOG_TARGET: &str = "log.target";

impl<W, T: FormatTime> LogLayer<W, T> {
    pub(super) fn write_event(&self, out: &mut String, event: &Event<'_>, span: Option<&SpanNode>) {
        match self.style {
            Style::Json => self.write_json(out, event, span),
            Style::Text => self.write_text(out, event, span),
        }
        out.push('\n');
    }

    fn write_json(&self, out: &mut String, event: &Event<'_>, span: Option<&SpanNode>) {
        out.push_str("{\"timestamp\":\"");
        if self.write_time(out) {
            out.push_str("\",");
        } else {
            out.truncate(1);
        }
        out.push_str("\"level\":\"");
        out.push_str(event.metadata().level().as_str());
        out.push('"');
        self.write_ids(out);
        out.push_str(",\"target\":\"");
        write_target(out, event);
        out.push_str("\",\"fields\":{");
        self.write_fields(out, event);
        out.push('}');
        if let Some(span) = span {
            out.push_str(",\"spans\":[");
            span.write_chain(Style::Json, out);
            out.push(']');
        }
        out.push('}');
    }

    fn write_text(&self, out: &mut String, event: &Event<'_>, span: Option<&SpanNode>) {
        if self.write_time(out) {
            out.push(' ');
        }
        let level = event.metadata().level().as_str();
        out.push_str(&"     "[level.len()..]);
        out.push_str(level);
        self.write_ids(out);
        out.push(' ');
        if let Some(span) = span {
            span.write_chain(Style::Text, out);
            out.push_str(": ");
        }
        write_target(out, event);
        out.push_str(": ");
        self.write_fields(out, event);
    }

    /// Writes the time, escaped, since the timer may be the user's; whether there is any.
    fn write_time(&self, out: &mut String) -> bool {
        let from = out.len();
        if self.timer.format_time(&mut Writer::new(out)).is_err() {
            out.truncate(from);
            out.push_str("<unknown time>");
        }
        line::escape_from(out, from);
        out.len() > from
    }

    /// Writes the IDs, which are rendered once per context.
    fn write_ids(&self, out: &mut String) {
        current::peek(|context| {
            let render = || {
                let mut ids = String::with_capacity(192);
                self.fields.each(context, |name, value| self.style.id(&mut ids, name, value));
                ids
            };
            out.push_str(context.rendered().get_or(self.id, render));
        });
    }

    fn write_fields(&self, out: &mut String, event: &Event<'_>) {
        let is_log = event.metadata().target() == LOG;
        let is_hidden = if is_log { is_of_log } else { |_: &str| false };
        event.record(&mut Fields { style: self.style, out, is_hidden, written: None });
    }
}

/// The fields by which tracing-log says where a record came from.
fn is_of_log(name: &str) -> bool {
    matches!(name, LOG_TARGET | "log.module_path" | "log.file" | "log.line")
}

fn write_target(out: &mut String, event: &Event<'_>) {
    let target = event.metadata().target();
    let from = out.len();
    if target == LOG {
        event.record(&mut LogTarget { out });
    }
    if out.len() == from {
        out.push_str(target);
    }
    line::escape_from(out, from);
}

struct LogTarget<'a> {
    out: &'a mut String,
}

impl Visit for LogTarget<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == LOG_TARGET {
            // Writing to a `String` fails only if the value does.
            let _ = write!(self.out, "{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == LOG_TARGET {
            self.out.push_str(value);
        }
    }
}
