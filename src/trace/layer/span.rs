//! A span as the log shows it: rendered when it is recorded, linked to its parent.

use super::super::line;
use super::super::span;
use super::style::Style;
use super::visit::Fields;
use crate::scope::SPAN_TARGET;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use tracing::Metadata;
use tracing::span::Attributes;
use tracing::span::Record;
use tracing_subscriber::registry::ExtensionsMut;

/// The rendered form of one span, per layer that renders it.
#[derive(Default)]
pub(super) struct SpanNodes(Vec<(u64, Arc<SpanNode>)>);

impl SpanNodes {
    pub(super) fn insert(extensions: &mut ExtensionsMut<'_>, layer: u64, node: Arc<SpanNode>) {
        if extensions.get_mut::<Self>().is_none() {
            extensions.insert(Self::default());
        }
        if let Some(Self(nodes)) = extensions.get_mut() {
            nodes.push((layer, node));
        }
    }

    pub(super) fn of_layer(&self, layer: u64) -> Option<Arc<SpanNode>> {
        self.0.iter().find(|(id, _)| *id == layer).map(|(_, node)| Arc::clone(node))
    }
}

/// One span and, through its parents, the whole chain that an event stands in: looked up once per
/// event, however many spans there are.
pub(super) struct SpanNode {
    parent: Option<Arc<Self>>,
    /// What stands before the fields.
    head: String,
    is_hidden: fn(&str) -> bool,
    fields: Mutex<SpanFields>,
}

/// The fields one after the other, as a line shows them, and where each ends.
#[derive(Default)]
struct SpanFields {
    text: String,
    ends: Vec<(&'static str, usize)>,
}

impl SpanNode {
    pub(super) fn new(style: Style, parent: Option<Arc<Self>>, span: &Attributes<'_>) -> Self {
        let mut head = String::new();
        match style {
            Style::Json => {
                head.push_str("{\"name\":\"");
                line::push_quotable(&mut head, span.metadata().name());
                head.push_str("\",\"fields\":{");
            }
            Style::Text => line::push_quotable(&mut head, span.metadata().name()),
        }
        let is_hidden = if is_ours(span.metadata()) { is_id } else { |_: &str| false };
        let fields = SpanFields::render(style, is_hidden, |visitor| span.record(visitor));
        Self { parent, head, is_hidden, fields: Mutex::new(fields) }
    }

    /// Adds fields, each in the place of an earlier one of its name.
    pub(super) fn record(&self, style: Style, values: &Record<'_>) {
        // Rendered before the lock is taken: a value's `Debug` may itself log.
        let new = SpanFields::render(style, self.is_hidden, |visitor| values.record(visitor));
        self.fields.lock().unwrap_or_else(PoisonError::into_inner).merge(&new);
    }

    /// Writes the chain from the root to this span.
    pub(super) fn write_chain(&self, style: Style, out: &mut String) {
        // Gathered a few at a time: no allocation, and no deep stack under thousands of spans.
        let mut gathered = [self; 16];
        let mut count = 1;
        let mut outer = self.parent.as_deref();
        while let Some(span) = outer
            && count < gathered.len()
        {
            gathered[count] = span;
            count += 1;
            outer = span.parent.as_deref();
        }
        if let Some(outer) = outer {
            outer.write_chain(style, out);
            out.push(style.between_spans());
        }
        for (index, span) in gathered[..count].iter().rev().enumerate() {
            if index > 0 {
                out.push(style.between_spans());
            }
            span.write(style, out);
        }
    }

    fn write(&self, style: Style, out: &mut String) {
        out.push_str(&self.head);
        let fields = self.fields.lock().unwrap_or_else(PoisonError::into_inner);
        // Each field begins with its separator.
        let text = fields.text.get(1..).unwrap_or_default();
        match style {
            Style::Json => {
                out.push_str(text);
                out.push_str("}}");
            }
            Style::Text if text.is_empty() => {}
            Style::Text => {
                out.push('{');
                out.push_str(text);
                out.push('}');
            }
        }
    }
}

impl SpanFields {
    fn render(
        style: Style,
        is_hidden: fn(&str) -> bool,
        record: impl FnOnce(&mut Fields<'_>),
    ) -> Self {
        let mut fields = Self::default();
        record(&mut Fields {
            style,
            out: &mut fields.text,
            is_hidden,
            written: Some(&mut fields.ends),
        });
        fields
    }

    fn merge(&mut self, new: &Self) {
        let mut from = 0;
        for &(name, end) in &new.ends {
            self.set(name, &new.text[from..end]);
            from = end;
        }
    }

    fn set(&mut self, name: &'static str, rendered: &str) {
        let Some(index) = self.ends.iter().position(|(other, _)| *other == name) else {
            self.text.push_str(rendered);
            self.ends.push((name, self.text.len()));
            return;
        };
        let from = index.checked_sub(1).map_or(0, |before| self.ends[before].1);
        let end = self.ends[index].1;
        self.text.replace_range(from..end, rendered);
        for (_, later) in &mut self.ends[index..] {
            *later = *later - (end - from) + rendered.len();
        }
    }
}

/// Whether the span is one that this crate makes.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target() == SPAN_TARGET && matches!(metadata.name(), "request" | "detached")
}

fn is_id(name: &str) -> bool {
    matches!(name, span::REQUEST_ID | span::SESSION_ID | span::USER_ID)
}
