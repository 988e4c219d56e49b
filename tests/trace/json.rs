//! The JSON line.

use crate::logged_lines::LoggedLines;
use crate::support::ada;
use crate::support::logged;
use crate::support::logged_by;
use request_context::ContextExt;
use request_context::LogFields;
use request_context::LogLayer;
use request_context::RequestContext;
use request_context::spawn_detached;
use serde_json::json;
use tracing::Instrument;
use tracing::info;
use tracing::info_span;
use tracing_subscriber::prelude::*;

#[test]
fn an_event_in_a_context_has_the_three_ids_at_its_top_level_without_any_span() {
    let line = logged(|| ada().sync_scope(|| info!(items = 3, "added"))).only();
    assert_eq!(line["request.id"], "r-1");
    assert_eq!(line["session.id"], "s-1");
    assert_eq!(line["user.id"], "ada");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["target"], module_path!());
    assert_eq!(line["fields"], json!({"message": "added", "items": 3}));
    assert!(line.get("spans").is_none());
    let timestamp = line["timestamp"].as_str().unwrap();
    assert!(timestamp.ends_with('Z') && timestamp.contains('T'), "{timestamp}");
}

#[test]
fn outside_every_context_the_ids_are_absent_also_inside_the_span_of_a_request() {
    let lines = logged(|| {
        info!("outside");
        ada().span().in_scope(|| info!("in the span only"));
    });
    for line in lines.all() {
        for id in ["request.id", "session.id", "user.id"] {
            assert!(line.get(id).is_none(), "{line}");
        }
    }
}

#[test]
fn an_anonymous_context_shows_its_request_id_only() {
    let context = RequestContext::new();
    let line = logged(|| context.clone().sync_scope(|| info!("hello"))).only();
    assert_eq!(line["request.id"], context.request_id().as_str());
    assert!(line.get("session.id").is_none() && line.get("user.id").is_none());
}

#[test]
fn the_innermost_context_is_the_one_shown() {
    let lines = logged(|| {
        ada().sync_scope(|| {
            let ben = ada().to_builder().user("ben".parse().unwrap()).build();
            ben.sync_scope(|| info!("inner"));
            info!("outer");
        });
    });
    let users: Vec<_> = lines.all().iter().map(|line| line["user.id"].clone()).collect();
    assert_eq!(users, ["ben", "ada"]);
}

#[test]
fn every_kind_of_value_is_valid_json() {
    let line = logged(|| {
        let error: Box<dyn std::error::Error> = "it broke".into();
        info!(
            f = 1.5_f64,
            nan = f64::NAN,
            huge = 1e300_f64,
            i = -7_i64,
            u = u64::MAX,
            wide = u128::MAX,
            minus = i128::MIN,
            yes = true,
            text = "a \"quoted\" \\ one",
            display = %"shown",
            debug = ?Some("x"),
            error = error.as_ref(),
            r#type = "raw",
            "quoted name" = 1,
            absent = None::<u64>,
        );
    })
    .only();
    let fields = &line["fields"];
    assert_eq!(fields["f"], 1.5);
    assert_eq!(fields["nan"], json!(null));
    assert_eq!(fields["huge"], 1e300);
    assert_eq!(fields["i"], -7);
    assert_eq!(fields["u"], u64::MAX);
    assert_eq!(fields["wide"], u128::MAX.to_string());
    assert_eq!(fields["minus"], i128::MIN.to_string());
    assert_eq!(fields["yes"], true);
    assert_eq!(fields["text"], "a \"quoted\" \\ one");
    assert_eq!(fields["display"], "shown");
    assert_eq!(fields["debug"], "Some(\"x\")");
    assert_eq!(fields["error"], "it broke");
    assert_eq!(fields["type"], "raw");
    assert_eq!(fields["quoted name"], 1);
    assert!(fields.get("absent").is_none());
    assert!(line.to_string().contains("quoted name"));
}

#[test]
fn an_event_without_fields_has_an_empty_object() {
    let line = logged(|| tracing::warn!(note = tracing::field::Empty));
    assert_eq!(line.only()["fields"], json!({}));
}

#[test]
fn the_users_spans_stand_beside_the_ids_from_the_root_inwards() {
    let line = logged(|| {
        let outer = info_span!("outer", tenant = 7);
        let inner = info_span!(parent: &outer, "inner", sku = "42", "a \"b\"" = true);
        ada().sync_scope(|| inner.in_scope(|| info!("x")));
    })
    .only();
    assert_eq!(
        line["spans"],
        json!([
            {"name": "outer", "fields": {"tenant": 7}},
            {"name": "inner", "fields": {"sku": "42", "a \"b\"": true}},
        ])
    );
    assert_eq!(line["request.id"], "r-1");
}

#[test]
fn an_event_with_an_explicit_parent_shows_that_parent() {
    let lines = logged(|| {
        let elsewhere = info_span!("elsewhere");
        info_span!("here").in_scope(|| {
            info!(parent: &elsewhere, "x");
            info!(parent: None, "y");
        });
    })
    .all();
    assert_eq!(lines[0]["spans"], json!([{"name": "elsewhere", "fields": {}}]));
    assert!(lines[1].get("spans").is_none());
}

#[test]
fn a_field_recorded_later_stands_in_the_place_of_the_earlier_one() {
    let line = logged(|| {
        let span = info_span!("s", a = "first", b = 1, c = tracing::field::Empty);
        span.record("a", "a longer second");
        span.record("c", true);
        span.record("b", 2);
        span.record("a", "x");
        span.in_scope(|| info!("now"));
    });
    assert!(
        line.text().contains(r#""spans":[{"name":"s","fields":{"a":"x","b":2,"c":true}}]"#),
        "{}",
        line.text()
    );
}

#[test]
fn a_field_recorded_on_a_parent_later_shows_under_its_children() {
    let line = logged(|| {
        let outer = info_span!("outer", step = tracing::field::Empty);
        let inner = outer.in_scope(|| info_span!("inner"));
        outer.record("step", 2);
        inner.in_scope(|| info!("x"));
    })
    .only();
    assert_eq!(
        line["spans"],
        json!([{"name": "outer", "fields": {"step": 2}}, {"name": "inner", "fields": {}}])
    );
}

#[test]
fn the_context_and_the_span_travel_into_a_spawned_task() {
    let lines = logged(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(
            async {
                let task = request_context::spawn(async { info!("in the task") });
                task.await.unwrap();
            }
            .instrument(info_span!("handler", route = "/cart"))
            .in_context(ada()),
        );
    });
    let line = lines.only();
    assert_eq!(line["user.id"], "ada");
    assert_eq!(line["spans"], json!([{"name": "handler", "fields": {"route": "/cart"}}]));
}

#[test]
fn a_record_of_the_log_crate_shows_its_own_target() {
    let line = logged(|| {
        tracing::event!(
            target: "log",
            tracing::Level::INFO,
            message = "via log",
            log.target = "their::module",
            log.line = 7,
        );
    })
    .only();
    assert_eq!(line["target"], "their::module");
    assert_eq!(line["fields"], json!({"message": "via log"}));
}

#[test]
fn a_timer_of_unit_leaves_the_timestamp_out() {
    let line = logged_by(LogLayer::json().with_timer(()), || info!("x")).only();
    assert!(line.get("timestamp").is_none());
    assert_eq!(line["level"], "INFO");
}

#[test]
fn two_layers_with_different_filters_each_show_the_spans_that_they_were_given() {
    let (all, few) = (LoggedLines::default(), LoggedLines::default());
    let subscriber = tracing_subscriber::registry()
        .with(LogLayer::json().with_writer(all.clone()))
        .with(LogLayer::json().with_writer(few.clone()).with_filter(
            tracing_subscriber::filter::filter_fn(|metadata| metadata.name() != "hidden"),
        ));
    tracing::subscriber::with_default(subscriber, || {
        let span = info_span!("shown", n = 1);
        span.in_scope(|| {
            info_span!("hidden").in_scope(|| {
                span.record("n", 2);
                info_span!("leaf").in_scope(|| info!("x"));
            });
        });
    });
    assert_eq!(
        all.only()["spans"],
        json!([
            {"name": "shown", "fields": {"n": 2}},
            {"name": "hidden", "fields": {}},
            {"name": "leaf", "fields": {}},
        ])
    );
    assert_eq!(
        few.only()["spans"],
        json!([{"name": "shown", "fields": {"n": 2}}, {"name": "leaf", "fields": {}}])
    );
}

#[test]
fn an_error_is_shown_with_what_it_came_from() {
    let source = std::io::Error::other("disk full");
    let error = std::io::Error::other(Wrapped(source));
    let error: &dyn std::error::Error = &error;
    assert_eq!(logged(|| info!(error, "x")).only()["fields"]["error"], "not saved: disk full");
}

#[derive(Debug)]
struct Wrapped(std::io::Error);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not saved")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn ten_thousand_spans_around_an_event_are_all_shown_from_the_root_inwards() {
    let line = logged(|| {
        let spans: Vec<_> = (0..10_000).map(|n| info_span!("s", n).entered()).collect();
        info!("deep");
        for span in spans.into_iter().rev() {
            drop(span);
        }
    })
    .only();
    let spans = line["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 10_000);
    assert!(spans.iter().enumerate().all(|(n, span)| span["fields"]["n"] == n));
}

#[test]
fn the_span_of_detached_work_leaves_the_request_id_to_the_top_level() {
    let fields = LogFields::all().without_request_id();
    let lines = logged_by(LogLayer::json().with_fields(fields), || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(
            async { spawn_detached(async { info!("x") }).await.unwrap() }.in_context(ada()),
        );
    });
    assert!(!lines.text().contains("r-1"), "{}", lines.text());
    assert_eq!(lines.only()["spans"], json!([{"name": "detached", "fields": {}}]));
}
