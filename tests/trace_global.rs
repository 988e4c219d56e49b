//! A subscriber for the whole process: only such a one is asked again while it formats a value.

#[path = "support/logged_lines.rs"]
mod logged_lines;
#[path = "trace/support.rs"]
#[expect(dead_code, reason = "this test needs a part of it")]
mod support;

use crate::logged_lines::LoggedLines;
use crate::support::ada;
use request_context::LogLayer;
use request_context::RequestContext;
use std::fmt;
use tracing::info;
use tracing::info_span;
use tracing_subscriber::prelude::*;

struct Logs(RequestContext);

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.clone().sync_scope(|| info!("from within"));
        f.write_str("without")
    }
}

#[test]
fn a_value_that_logs_while_it_is_formatted_makes_a_line_of_its_own() {
    let lines = LoggedLines::default();
    let subscriber =
        tracing_subscriber::registry().with(LogLayer::json().with_writer(lines.clone()));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    {
        let ben = ada().to_builder().user("ben".parse().unwrap()).build();
        let value = Logs(ben);
        let span = info_span!("s", at_first = ?value, later = tracing::field::Empty);
        span.in_scope(|| {
            ada().sync_scope(|| {
                span.record("later", tracing::field::debug(&value));
                info!(field = ?value, "outer");
            });
        });
    }
    let lines = lines.all();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert_eq!(lines[2]["user.id"], "ben");
    assert_eq!(lines[3]["user.id"], "ada");
    assert_eq!(lines[3]["fields"]["field"], "without");
    assert_eq!(lines[3]["spans"][0]["fields"]["later"], "without");
}
