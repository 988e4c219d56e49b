//! The event beside a record, and that no filter of it can take the record. A process of its own,
//! since its subscriber is everybody's.

#[path = "support/logged_lines.rs"]
#[expect(dead_code, reason = "this test needs a part of it")]
mod logged_lines;

use crate::logged_lines::LoggedLines;
use request_context::LogLayer;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::Resource;
use request_context::access::policy::Policy;
use request_context::access::policy::RolePolicy;
use request_context::access::policy::Rule;
use request_context::access::trail::Expected;
use request_context::access::trail::FileSink;
use request_context::access::trail::Trail;
use request_context::access::trail::verify;
use std::borrow::Cow;
use std::fs;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::prelude::*;

#[derive(Clone)]
struct Chart;

impl Resource for Chart {
    const TYPE: &'static str = "chart";

    fn id(&self) -> Cow<'_, str> {
        "c-7".into()
    }
}

#[test]
fn an_access_is_an_event_too_and_a_filter_takes_that_alone() {
    let lines = LoggedLines::default();
    let layer = LogLayer::json().with_writer(lines.clone()).with_filter(LevelFilter::WARN);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();

    let folder = std::env::temp_dir().join(format!("trail-trace-{}", std::process::id()));
    let trail = Trail::builder("records").open(FileSink::in_dir(&folder)).unwrap();
    let rules = RolePolicy::new().break_glass(Rule::user().on::<Chart>().to([Action::Read]));
    let context = RequestContext::builder().request_id("r-1".parse().unwrap());
    let context = context.user("ada".parse().unwrap());
    let context = context.insert(trail.clone()).insert(Policy::new(rules)).build();
    pollster::block_on(context.clone().scope(async {
        access::record(Action::Read, &Chart).await.unwrap();
        access::break_glass(Action::Read, &Chart, "an emergency").await.unwrap();
    }));
    pollster::block_on(trail.close()).unwrap();

    let text = lines.text();
    let events: Vec<_> = text.lines().filter(|line| line.contains("\"access\"")).collect();
    assert_eq!(events.len(), 1, "only the warning: {text}");
    for part in
        ["\"user.id\":\"ada\"", "\"outcome\":\"break-glass\"", "\"resource.type\":\"chart\""]
    {
        assert!(events[0].contains(part), "{part}: {}", events[0]);
    }
    assert!(!text.contains("c-7"), "which one it was is in the trail alone: {text}");

    // What the trail has not taken has not happened, in the log either.
    let error = pollster::block_on(context.scope(async {
        let asked = access::authorize(Action::Read, &Chart).break_glass("an emergency");
        assert!(asked.await.unwrap_err().is_trail_failed());
        access::break_glass(Action::Read, &Chart, "an emergency").await.unwrap_err()
    }));
    assert!(error.is_closed(), "{error}");
    let text = &lines.text()[text.len()..];
    assert!(!text.contains(r#""outcome":"break-glass""#), "{text}");
    let refused: Vec<_> = text.lines().filter(|line| line.contains("refused")).collect();
    assert_eq!(refused.len(), 2, "{text}");
    for line in refused {
        assert!(
            line.contains("the trail is closed") && line.contains(r#""user.id":"ada""#),
            "{line}"
        );
    }

    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let files: Vec<_> = files.into_iter().filter(|f| f.extension().is_some()).collect();
    let files: Vec<_> = files.into_iter().filter(|f| f.extension().unwrap() == "jsonl").collect();
    assert_eq!(verify(&files, &Expected::default()).unwrap().records(), 4);
    fs::remove_dir_all(&folder).unwrap();
}
