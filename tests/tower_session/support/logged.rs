//! All that this thread logs, at every level, and the spans of requests.

use crate::logged_lines::LoggedLines;
use request_context::LogLayer;
use serde_json::Value;
use std::sync::Once;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::prelude::*;

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Logged {
    lines: LoggedLines,
    all: LoggedLines,
}

/// Logs what this thread does until the guard is dropped.
pub(crate) fn logged() -> (Logged, DefaultGuard) {
    static ONCE: Once = Once::new();
    // A thread without a subscriber would else have tracing believe that no one wants the span.
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    });
    let logged = Logged::default();
    let every_span = tracing_subscriber::fmt::layer()
        .json()
        .with_span_events(FmtSpan::FULL)
        .with_writer(logged.all.clone());
    let subscriber = tracing_subscriber::registry()
        .with(LogLayer::json().with_writer(logged.lines.clone()))
        .with(every_span);
    (logged, tracing::subscriber::set_default(subscriber))
}

impl Logged {
    /// The lines of this crate and its tests.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let is_ours = |line: &Value| {
            let target = line["target"].as_str().unwrap();
            target.starts_with("request_context") || target.starts_with("tower_session")
        };
        self.lines.all().into_iter().filter(is_ours).collect()
    }

    /// The messages of a level, of this crate.
    pub(crate) fn messages(&self, level: &str) -> Vec<String> {
        let lines = self.lines().into_iter();
        let lines = lines.filter(|line| {
            line["level"] == level
                && line["target"].as_str().unwrap().starts_with("request_context")
        });
        lines.map(|line| line["fields"]["message"].as_str().unwrap().to_owned()).collect()
    }

    /// What the spans of requests had when they closed: user and session.
    pub(crate) fn closed_requests(&self) -> Vec<String> {
        let lines = self.all.all().into_iter();
        let closed = lines.filter(|line| {
            line["fields"]["message"] == "close" && line["span"]["name"] == "request"
        });
        let of = |span: &Value, name: &str| span[name].as_str().unwrap_or("-").to_owned();
        closed
            .map(|line| {
                format!("{} {}", of(&line["span"], "user.id"), of(&line["span"], "session.id"))
            })
            .collect()
    }

    /// All that was written by anyone.
    pub(crate) fn text(&self) -> String {
        self.lines.text() + &self.all.text()
    }
}
