//! Beside other layers in one subscriber.

use crate::logged_lines::LoggedLines;
use crate::support::ada;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::InMemorySpanExporter;
use opentelemetry_sdk::trace::SdkTracerProvider;
use request_context::LogLayer;
use tracing::info;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

#[test]
fn tracing_opentelemetry_exports_the_ids_of_the_span_while_the_log_shows_them_too() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let lines = LoggedLines::default();
    let subscriber = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")))
        .with(LogLayer::json().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, || {
        let context = ada();
        let span = context.span();
        context.sync_scope(|| span.in_scope(|| info!("hello")));
    });
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 1);
    let attribute = |name: &str| {
        spans[0]
            .attributes
            .iter()
            .find(|pair| pair.key.as_str() == name)
            .map(|p| p.value.to_string())
    };
    assert_eq!(spans[0].name, "request");
    assert_eq!(attribute("request.id").as_deref(), Some("r-1"));
    assert_eq!(attribute("session.id").as_deref(), Some("s-1"));
    assert_eq!(attribute("user.id").as_deref(), Some("ada"));
    assert_eq!(lines.only()["request.id"], "r-1");
}

#[test]
fn the_formatter_of_tracing_subscriber_can_stand_beside_ours_in_either_order() {
    for ours_first in [true, false] {
        let (ours, theirs) = (LoggedLines::default(), LoggedLines::default());
        let log = LogLayer::json().with_writer(ours.clone()).boxed();
        let fmt = tracing_subscriber::fmt::layer().json().with_writer(theirs.clone()).boxed();
        let layers = if ours_first { vec![log, fmt] } else { vec![fmt, log] };
        let subscriber = tracing_subscriber::registry().with(layers);
        tracing::subscriber::with_default(subscriber, || {
            let context = ada();
            let span = context.span();
            context.sync_scope(|| span.in_scope(|| info!("hello")));
        });
        assert_eq!(ours.only()["fields"]["message"], "hello");
        assert_eq!(theirs.only()["span"]["request.id"], "r-1");
    }
}

#[test]
fn a_filter_that_disables_the_span_of_the_request_leaves_the_ids_on_the_line() {
    let lines = LoggedLines::default();
    let filter = EnvFilter::new(format!("{}=info", module_path!()));
    let subscriber = tracing_subscriber::registry()
        .with(filter)
        .with(LogLayer::json().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, || {
        let span = ada().span();
        assert!(span.is_disabled());
        ada().sync_scope(|| span.in_scope(|| info!("hello")));
    });
    assert_eq!(lines.only()["user.id"], "ada");
}
