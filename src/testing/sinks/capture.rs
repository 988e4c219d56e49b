//! `Capture`: the events and spans of `tracing` of a run.

use super::Sink;
use super::observer::Observer;
use super::observer::Place;
use crate::testing::canary::CanaryMatch;
use std::fmt;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use tracing::Event;
use tracing::Subscriber;
use tracing::field::Field;
use tracing::field::Visit;
use tracing::span::Attributes;
use tracing::span::Id;
use tracing::span::Record;
use tracing_subscriber::layer::Context;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::registry::SpanRef;

/// Hands each event and each span to the observer of the run that is on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capture {
    observer: Arc<Mutex<Option<Arc<Observer>>>>,
}

/// The canaries in the fields of a span.
struct SpanText {
    found: Vec<CanaryMatch>,
}

impl Capture {
    /// From now on, events go to `observer`, or to nobody.
    pub(crate) fn observe(&self, observer: Option<Arc<Observer>>) {
        let before = {
            let mut current = self.observer.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, observer)
        };
        drop(before);
    }

    fn observer(&self) -> Option<Arc<Observer>> {
        self.observer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes the canaries of `span` that are not those of the session that is in it.
    fn look_into_span<'a, R: LookupSpan<'a>>(
        observer: &Observer,
        seer: usize,
        span: &SpanRef<'a, R>,
    ) {
        let extensions = span.extensions();
        let Some(text) = extensions.get::<SpanText>() else { return };
        let place = Place { seer: Some(seer), sink: Sink::Span, name: span.name(), request: None };
        for found in &text.found {
            observer.note(place, found);
        }
    }

    fn look_into_scope<'a, R: LookupSpan<'a>>(observer: &Observer, span: &SpanRef<'a, R>) {
        let Some(seer) = observer.board.whose() else { return };
        for span in span.scope() {
            Self::look_into_span(observer, seer, &span);
        }
    }
}

impl<S> Layer<S> for Capture
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let (Some(observer), Some(span)) = (self.observer(), context.span(id)) else { return };
        let mut text = Text::default();
        attributes.record(&mut text);
        let found = observer.find(text.fields.as_bytes());
        span.extensions_mut().insert(SpanText { found });
        Self::look_into_scope(&observer, &span);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let (Some(observer), Some(span)) = (self.observer(), context.span(id)) else { return };
        let mut text = Text::default();
        values.record(&mut text);
        if let Some(known) = span.extensions_mut().get_mut::<SpanText>() {
            known.found.extend(observer.find(text.fields.as_bytes()));
        }
        if let Some(seer) = observer.board.whose() {
            Self::look_into_span(&observer, seer, &span);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(observer) = self.observer() else { return };
        let mut text = Text::default();
        event.record(&mut text);
        observer.board.pass(&text.message);
        let Some(seer) = observer.board.whose() else { return };
        let target = event.metadata().target();
        let (sink, target) = match target {
            "log" => (Sink::Log, text.log_target.as_str()),
            target => (Sink::Event, target),
        };
        let place = Place { seer: Some(seer), sink, name: target, request: None };
        observer.look(place, text.message.as_bytes());
        observer.look(place, text.fields.as_bytes());
        if let Some(span) = context.event_span(event) {
            Self::look_into_scope(&observer, &span);
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let (Some(observer), Some(span)) = (self.observer(), context.span(id)) else { return };
        observer.board.pass(span.name());
        observer.board.note_spans(|| {
            let names: Vec<_> = span.scope().from_root().map(|span| span.name()).collect();
            names.join(">")
        });
    }
}

/// Fields as text.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
    log_target: String,
}

impl Text {
    fn add(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail; a value that fails to format is cut off.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.log_target.push_str(value);
        }
        self.add(field, &format_args!("{value}"));
    }
}
