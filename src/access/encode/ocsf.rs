//! The Open Cybersecurity Schema Framework.

use super::Record;
use super::json::Json;
use crate::access::Action;
use crate::access::Outcome;
use crate::access::event::Event;

const VERSION: &str = "1.5.0";
const OTHER: u32 = 99;

pub(super) fn encode(record: &Record<'_>, json: &mut Json<'_>) {
    let (category, class, activity): (u32, u32, u32) = match record.event {
        Event::Access | Event::BreakGlass => (6, 6005, datastore_activity(record.action)),
        Event::Decision => (3, 3003, 1),
        Event::Trail => (6, 6002, lifecycle_activity(record.action)),
    };
    json.object("metadata", |json| {
        json.text("version", VERSION);
        json.object("product", |json| {
            json.text("name", env!("CARGO_PKG_NAME"));
            json.text("version", env!("CARGO_PKG_VERSION"));
        });
        json.text("log_name", "trail");
        json.maybe("correlation_uid", record.request_id());
        json.maybe("tenant_uid", record.tenant());
    });
    json.millis("time", record.time);
    json.number("category_uid", category);
    json.number("class_uid", class);
    json.number("activity_id", activity);
    if activity == OTHER {
        json.text("activity_name", record.action.name());
    }
    json.number("type_uid", class * 100 + activity);
    json.number("severity_id", severity(record.outcome));
    json.number("status_id", status(record.outcome));
    json.maybe_reason("status_detail", record.reason);
    match record.event {
        Event::Access | Event::BreakGlass => access(record, json),
        Event::Decision => decision(record, json),
        Event::Trail => {
            json.object("app", |json| json.text("name", &record.origin.service));
        }
    }
    unmapped(record, json);
}

fn access(record: &Record<'_>, json: &mut Json<'_>) {
    actor(record, json);
    endpoint("src_endpoint", record, json);
    json.object("databucket", |json| {
        json.number("type_id", OTHER);
        json.text("type", record.resource_type);
        json.maybe("uid", record.resource_id);
        if let Some(owner) = record.owner_user() {
            json.object("owner", |json| json.text("uid", owner));
        }
    });
}

fn decision(record: &Record<'_>, json: &mut Json<'_>) {
    actor(record, json);
    endpoint("dst_endpoint", record, json);
    json.object("user", |json| match record.user().or(record.on_behalf_of()) {
        Some(user) => json.text("uid", user),
        None => json.text("name", "anonymous"),
    });
    if let Some(session) = record.session() {
        json.object("session", |json| json.text("uid", session));
    }
    let id = record.resource_id.unwrap_or_default();
    let privilege = [record.action.name(), " ", record.resource_type, " ", id];
    json.joined_words("privileges", &privilege);
}

fn actor(record: &Record<'_>, json: &mut Json<'_>) {
    json.object("actor", |json| {
        json.text("app_name", &record.origin.service);
        if let Some(user) = record.user() {
            json.object("user", |json| json.text("uid", user));
        }
        if let Some(session) = record.session() {
            json.object("session", |json| json.text("uid", session));
        }
    });
}

fn endpoint(name: &str, record: &Record<'_>, json: &mut Json<'_>) {
    json.object(name, |json| {
        json.text("svc_name", &record.origin.service);
        json.text("instance_uid", &record.origin.instance);
    });
}

/// What the schema has no place for; the seal closes it.
fn unmapped(record: &Record<'_>, json: &mut Json<'_>) {
    json.open("unmapped");
    json.text("event", record.event.name());
    json.text("outcome", record.outcome.name());
    json.text("action", record.action.name());
    json.resource(record);
    json.maybe("authenticated_by", record.authenticated_by());
    json.maybe("on_behalf_of", record.on_behalf_of());
    json.maybe("purpose", record.purpose());
    json.maybe("trace.id", record.trace_id());
    json.text("instance", &record.origin.instance);
    json.maybe_source("source", record.source);
}

const fn datastore_activity(action: Action) -> u32 {
    match action {
        Action::Read => 1,
        Action::Update => 2,
        Action::Query => 4,
        Action::Write => 5,
        Action::Create => 6,
        Action::Delete => 7,
        Action::List => 8,
        Action::Other(_) => OTHER,
    }
}

fn lifecycle_activity(action: Action) -> u32 {
    match action.name() {
        "open" => 3,
        "close" => 4,
        _ => OTHER,
    }
}

/// Informational, medium, high.
const fn severity(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Allowed => 1,
        Outcome::Denied | Outcome::Error => 3,
        Outcome::BreakGlass => 4,
    }
}

/// Success, failure.
const fn status(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Allowed | Outcome::BreakGlass => 1,
        Outcome::Denied | Outcome::Error => 2,
    }
}
