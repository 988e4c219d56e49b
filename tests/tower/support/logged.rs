//! A subscriber on this thread: the lines of our formatter, and the spans.

use crate::logged_lines::LoggedLines;
use request_context::LogLayer;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::Once;
use tracing::Subscriber;
use tracing::field::Field;
use tracing::field::Visit;
use tracing::span::Attributes;
use tracing::span::Id;
use tracing::span::Record;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

/// What was logged, and which spans there were.
#[derive(Clone, Default)]
pub(crate) struct Logged {
    lines: LoggedLines,
    spans: Arc<Mutex<Vec<Fields>>>,
}

/// The fields of a span, and its name as "name"; "closed" once it is.
pub(crate) type Fields = BTreeMap<String, String>;

/// Logs what this thread does until the guard is dropped.
pub(crate) fn logged() -> (Logged, DefaultGuard) {
    record_spans_everywhere();
    let logged = Logged::default();
    let subscriber = tracing_subscriber::registry()
        .with(LogLayer::json().with_writer(logged.lines.clone()))
        .with(logged.clone());
    (logged, tracing::subscriber::set_default(subscriber))
}

/// A thread without a subscriber would else have tracing believe that no one wants the span, while
/// another thread has the only subscriber.
fn record_spans_everywhere() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    });
}

impl Logged {
    /// The lines of events of this crate's tests.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let lines = self.lines.all().into_iter();
        lines.filter(|line| line["target"].as_str().unwrap().starts_with("tower::")).collect()
    }

    /// The spans of requests.
    pub(crate) fn requests(&self) -> Vec<Fields> {
        let spans = self.spans.lock().unwrap();
        spans.iter().filter(|fields| fields["name"] == "request").cloned().collect()
    }

    /// The only span of a request.
    #[track_caller]
    pub(crate) fn request(&self) -> Fields {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:#?}");
        requests.remove(0)
    }
}

/// Where the fields of a span are kept.
struct Index(usize);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Logged {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        fields.insert("name".into(), attributes.metadata().name().into());
        attributes.record(&mut Visitor(&mut fields));
        let mut spans = self.spans.lock().unwrap();
        context.span(id).unwrap().extensions_mut().insert(Index(spans.len()));
        spans.push(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let index = span.extensions().get::<Index>().unwrap().0;
        values.record(&mut Visitor(&mut self.spans.lock().unwrap()[index]));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        let index = span.extensions().get::<Index>().unwrap().0;
        self.spans.lock().unwrap()[index].insert("closed".into(), "true".into());
    }
}

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().into(), format!("{value:?}"));
    }
}
