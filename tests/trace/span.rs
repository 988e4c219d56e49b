//! The request's span, as any other layer sees it.

use crate::support::ada;
use request_context::RequestContext;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use tracing::field::Field;
use tracing::field::Visit;
use tracing::span;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;

type Seen = BTreeMap<String, String>;

/// Keeps the fields of the last span, as they were recorded.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Seen>>);

impl Visit for Recorder {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.lock().unwrap().insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.lock().unwrap().insert(field.name().to_owned(), value.to_owned());
    }
}

impl<S: tracing::Subscriber> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.0.lock().unwrap().insert("(name)".into(), attributes.metadata().name().into());
        attributes.record(&mut self.clone());
    }

    fn on_record(&self, _: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        values.record(&mut self.clone());
    }
}

fn recorded(f: impl FnOnce()) -> Seen {
    let recorder = Recorder::default();
    let subscriber = tracing_subscriber::registry().with(recorder.clone());
    tracing::subscriber::with_default(subscriber, f);
    recorder.0.lock().unwrap().clone()
}

fn fields(fields: &[(&str, &str)]) -> Seen {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_span_has_the_ids_of_its_context() {
    assert_eq!(
        recorded(|| drop(ada().span())),
        fields(&[
            ("(name)", "request"),
            ("request.id", "r-1"),
            ("session.id", "s-1"),
            ("user.id", "ada")
        ])
    );
}

#[test]
fn what_the_context_does_not_have_is_left_unrecorded() {
    let context = RequestContext::builder().request_id("r-2".parse().unwrap()).build();
    assert_eq!(
        recorded(|| drop(context.span())),
        fields(&[("(name)", "request"), ("request.id", "r-2")])
    );
}

#[test]
fn a_user_known_after_the_login_is_recorded_on_the_span_of_the_request() {
    let anonymous = RequestContext::builder().request_id("r-3".parse().unwrap()).build();
    let seen = recorded(|| {
        let span = anonymous.span();
        let known = anonymous.to_builder().user("ada".parse().unwrap()).build();
        known.record_on(&span);
    });
    assert_eq!(seen, fields(&[("(name)", "request"), ("request.id", "r-3"), ("user.id", "ada")]));
}
