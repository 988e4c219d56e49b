//! The log formatter: every event with the IDs of its request at the top level.

mod event;
mod span;
mod style;
mod visit;

use self::span::SpanNode;
use self::span::SpanNodes;
use self::style::Style;
use super::fields::LogFields;
use std::cell::Cell;
use std::fmt;
use std::io;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use tracing::Event;
use tracing::Subscriber;
use tracing::span::Attributes;
use tracing::span::Id;
use tracing::span::Record;
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// A subscriber layer that writes one line per event, with the IDs of the request at its top level.
///
/// The IDs come from the context that is current at the event, so they are there with a span and
/// without one, and absent outside every context. Span fields are rendered once, when they are
/// recorded, and copied into each line.
///
/// ```
/// use request_context::LogLayer;
/// use tracing_subscriber::prelude::*;
///
/// tracing_subscriber::registry().with(LogLayer::json()).init();
/// ```
///
/// A line of [`json`](Self::json), here broken for reading:
///
/// ```json
/// {"timestamp":"2026-11-22T10:00:00.000000Z","level":"INFO",
///  "request.id":"0d9f1c1e-7f5e-4c0e-9c0a-6a3a1f6d2b11","session.id":"s-7","user.id":"ada",
///  "target":"shop::cart","fields":{"message":"added","items":3},
///  "spans":[{"name":"request","fields":{}},{"name":"add","fields":{"sku":"42"}}]}
/// ```
///
/// and of [`text`](Self::text):
///
/// ```text
/// 2026-11-22T10:00:00.000000Z  INFO request.id=0d9f… session.id=s-7 user.id=ada request:add{sku=42}: shop::cart: added items=3
/// ```
///
/// Event fields and span fields stand in objects of their own (in text: behind the IDs, in braces),
/// and every value is escaped, in text also quoted where it could pass for something else: no value
/// can forge an ID, a field, a span or a line. An error is written with its sources. The spans that
/// this crate makes leave the three IDs to the top level, where [`LogFields`] has its say. Works
/// beside other layers, behind a filter, and several times in one subscriber. A line is written by
/// one call of `write_all`; an error of the writer loses that line.
pub struct LogLayer<W = fn() -> io::Stdout, T = SystemTime> {
    /// Tells the rendered spans of several such layers apart.
    id: u64,
    style: Style,
    fields: LogFields,
    make_writer: W,
    timer: T,
}

impl LogLayer {
    /// One JSON object per line, to standard output.
    #[must_use]
    pub fn json() -> Self {
        Self::new(Style::Json)
    }

    /// One line of text per event, to standard output.
    #[must_use]
    pub fn text() -> Self {
        Self::new(Style::Text)
    }

    fn new(style: Style) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            style,
            fields: LogFields::all(),
            make_writer: io::stdout,
            timer: SystemTime,
        }
    }
}

impl<W, T> LogLayer<W, T> {
    /// Chooses which IDs are written, and how.
    #[must_use]
    pub fn with_fields(self, fields: LogFields) -> Self {
        Self { fields, ..self }
    }

    /// Writes to another writer.
    #[must_use]
    pub fn with_writer<W2>(self, make_writer: W2) -> LogLayer<W2, T>
    where
        W2: for<'w> MakeWriter<'w> + 'static,
    {
        let Self { id, style, fields, timer, .. } = self;
        LogLayer { id, style, fields, make_writer, timer }
    }

    /// Takes the time from another timer; `()` leaves it out.
    #[must_use]
    pub fn with_timer<T2>(self, timer: T2) -> LogLayer<W, T2>
    where
        T2: FormatTime + 'static,
    {
        let Self { id, style, fields, make_writer, .. } = self;
        LogLayer { id, style, fields, make_writer, timer }
    }
}

impl<W, T> fmt::Debug for LogLayer<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogLayer")
            .field("style", &self.style)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

impl<S, W, T> Layer<S> for LogLayer<W, T>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    W: for<'w> MakeWriter<'w> + 'static,
    T: FormatTime + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let parent = span.parent().and_then(|parent| self.node(&parent.extensions()));
        // Rendered before the span's data is locked: a value's `Debug` may itself log.
        let node = SpanNode::new(self.style, parent, attributes);
        SpanNodes::insert(&mut span.extensions_mut(), self.id, Arc::new(node));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let node = self.node(&span.extensions());
        if let Some(node) = node {
            node.record(self.style, values);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let node = context.event_span(event).and_then(|span| self.node(&span.extensions()));
        let mut line = Line::take();
        self.write_event(&mut line.0, event, node.as_deref());
        let mut writer = self.make_writer.make_writer_for(event.metadata());
        // A logger has no one to tell; the type's docs say so.
        let _ = writer.write_all(line.0.as_bytes());
    }
}

impl<W, T> LogLayer<W, T> {
    fn node(
        &self,
        extensions: &tracing_subscriber::registry::Extensions<'_>,
    ) -> Option<Arc<SpanNode>> {
        extensions.get::<SpanNodes>()?.of_layer(self.id)
    }
}

/// The line in the making: a buffer of this thread's, taken out while in use, so that a value that
/// logs while it is being formatted gets a fresh one.
struct Line(String);

thread_local! {
    static BUFFER: Cell<String> = const { Cell::new(String::new()) };
}

impl Line {
    /// The largest buffer that is kept for the next line, in bytes.
    const KEPT: usize = 16 * 1024;

    fn take() -> Self {
        Self(BUFFER.try_with(Cell::take).unwrap_or_default())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.0.capacity() <= Self::KEPT {
            let mut buffer = std::mem::take(&mut self.0);
            buffer.clear();
            let _ = BUFFER.try_with(|kept| kept.set(buffer));
        }
    }
}
