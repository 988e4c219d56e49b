//! The Elastic Common Schema.

use super::Record;
use super::json::Json;
use crate::access::Action;
use crate::access::Outcome;
use crate::access::event::Event;

const VERSION: &str = "9.0.0";

pub(super) fn encode(record: &Record<'_>, json: &mut Json<'_>) {
    json.time("@timestamp", record.time);
    json.object("ecs", |json| json.text("version", VERSION));
    json.object("event", |json| event(record, json));
    if let Some(user) = record.user() {
        json.object("user", |json| json.text("id", user));
    }
    if let Some(tenant) = record.tenant() {
        json.object("organization", |json| json.text("id", tenant));
    }
    if let Some(id) = record.request_id() {
        json.object("http", |json| json.object("request", |json| json.text("id", id)));
    }
    if let Some(id) = record.trace_id() {
        json.object("trace", |json| json.text("id", id));
    }
    json.object("service", |json| {
        json.text("name", &record.origin.service);
        json.object("node", |json| json.text("name", &record.origin.instance));
    });
    if let Some(source) = record.source {
        json.object("log", |json| {
            json.object("origin", |json| {
                json.object("file", |json| {
                    json.text("name", source.file());
                    json.number("line", source.line());
                });
            });
        });
    }
    trail(record, json);
}

fn event(record: &Record<'_>, json: &mut Json<'_>) {
    json.text("kind", "event");
    json.text("dataset", "request_context.trail");
    // Of the types that the schema expects with the category none says whether it was allowed: the
    // outcome does.
    match record.event {
        Event::Access | Event::BreakGlass => {
            json.words("category", &["database"]);
            let kind = if is_change(record.action) { "change" } else { "access" };
            match record.outcome {
                Outcome::Error => json.words("type", &[kind, "error"]),
                _ => json.words("type", &[kind]),
            }
        }
        Event::Decision => {
            json.words("category", &["iam"]);
            json.words("type", &["info"]);
        }
        Event::Trail => {
            json.words("category", &["process"]);
            json.words("type", &["info"]);
        }
    }
    json.text("action", record.action.name());
    json.text(
        "outcome",
        match record.outcome {
            Outcome::Allowed | Outcome::BreakGlass => "success",
            Outcome::Denied | Outcome::Error => "failure",
        },
    );
    json.maybe_reason("reason", record.reason);
}

const fn is_change(action: Action) -> bool {
    matches!(action, Action::Create | Action::Write | Action::Update | Action::Delete)
}

/// What the schema has no place for; the seal closes it.
fn trail(record: &Record<'_>, json: &mut Json<'_>) {
    json.open("trail");
    json.text("event", record.event.name());
    json.text("outcome", record.outcome.name());
    json.resource(record);
    json.maybe("session.id", record.session());
    json.maybe("authenticated_by", record.authenticated_by());
    json.maybe("on_behalf_of", record.on_behalf_of());
    json.maybe("purpose", record.purpose());
}
