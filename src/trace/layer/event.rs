//! One event as one line.

use super::LogLayer;
use super::escaped::Escaped;
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
        write_target(out, event, line::push_quotable);
        out.push_str("\",\"fields\":{");
        self.write_fields(out, event);
        out.push('}');
        if let Some(span) = span {
            out.push_str(",\"spans\":[");
            span.write(Style::Json, out);
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
            span.write(Style::Text, out);
            out.push_str(": ");
        }
        write_target(out, event, line::push_free);
        out.push_str(": ");
        self.write_fields(out, event);
    }

    /// Writes the time, escaped, since the timer may be the user's; whether there is any.
    fn write_time(&self, out: &mut String) -> bool {
        let from = out.len();
        let mut escaped = Escaped { out, push: line::push_quotable };
        let written = self.timer.format_time(&mut Writer::new(&mut escaped));
        if written.is_err() {
            out.truncate(from);
            out.push_str("<unknown time>");
        }
        out.len() > from
    }

    fn write_ids(&self, out: &mut String) {
        current::peek(|context| {
            self.fields.each(context, |name, value| self.style.id(out, name, value));
        });
    }

    fn write_fields(&self, out: &mut String, event: &Event<'_>) {
        let is_log = event.metadata().target() == LOG;
        let is_hidden =
            if is_log { |name: &str| name.starts_with("log.") } else { |_: &str| false };
        event.record(&mut Fields { style: self.style, out, is_hidden, written: None });
    }
}

fn write_target(out: &mut String, event: &Event<'_>, push: fn(&mut String, &str)) {
    let target = event.metadata().target();
    let from = out.len();
    if target == LOG {
        event.record(&mut LogTarget { out, push });
    }
    if out.len() == from {
        push(out, target);
    }
}

struct LogTarget<'a> {
    out: &'a mut String,
    push: fn(&mut String, &str),
}

impl Visit for LogTarget<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == LOG_TARGET {
            (self.push)(self.out, value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == LOG_TARGET {
            let _ = write!(Escaped { out: self.out, push: self.push }, "{value:?}");
        }
    }
}
