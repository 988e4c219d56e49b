//! The subscriber of the process: all lines, and who each span of a request is of.

use crate::findings::owner;
use crate::logged_lines::LoggedLines;
use request_context::LogLayer;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use tracing::Subscriber;
use tracing::field::Field;
use tracing::field::Visit;
use tracing::level_filters::LevelFilter;
use tracing::span::Attributes;
use tracing::span::Id;
use tracing::span::Record;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

#[derive(Clone, Default)]
pub(crate) struct Logged {
    lines: LoggedLines,
    spans: Arc<Mutex<Vec<Ids>>>,
}

/// All IDs that were ever recorded on one span.
#[derive(Clone, Debug, Default)]
struct Ids {
    requests: Vec<String>,
    users: Vec<String>,
}

impl Logged {
    pub(crate) fn install() -> Self {
        let logged = Self::default();
        tracing_subscriber::registry()
            .with(LogLayer::json().with_writer(logged.lines.clone()))
            .with(logged.clone())
            .with(LevelFilter::INFO)
            .init();
        logged
    }

    /// Each event says itself which request it is of. How many there were.
    pub(crate) fn assert_each_line_of_one_user(&self) -> usize {
        let lines = self.lines.all();
        for line in &lines {
            let of = line["fields"]["of"].as_str().unwrap();
            assert_eq!(line["request.id"], of, "{line}");
            match line["fields"]["knows"].as_bool() {
                Some(true) => assert_eq!(line["user.id"], owner(of), "{line}"),
                _ => assert!(line.get("user.id").is_none(), "{line}"),
            }
        }
        lines.len()
    }

    /// How many spans of requests there were.
    pub(crate) fn assert_each_span_of_one_user(&self) -> usize {
        let spans = self.spans.lock().unwrap();
        for span in spans.iter() {
            let [request] = &span.requests[..] else { panic!("{span:?}") };
            assert!(span.users.iter().all(|user| user == owner(request)), "{span:?}");
            assert!(span.users.len() <= 1, "{span:?}");
        }
        spans.len()
    }
}

/// Where the IDs of a span are kept.
struct Index(usize);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Logged {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().name() != "request" {
            return;
        }
        let mut ids = Ids::default();
        attributes.record(&mut ids);
        let mut spans = self.spans.lock().unwrap();
        context.span(id).unwrap().extensions_mut().insert(Index(spans.len()));
        spans.push(ids);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let index = span.extensions().get::<Index>().map(|index| index.0);
        if let Some(index) = index {
            values.record(&mut self.spans.lock().unwrap()[index]);
        }
    }
}

impl Visit for Ids {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "request.id" => self.requests.push(value.to_owned()),
            "user.id" => self.users.push(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
