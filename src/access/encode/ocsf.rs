//! The Open Cybersecurity Schema Framework.

use super::Record;
use super::json::Json;
use super::json::Name;
use super::json::name;
use super::texts::Texts;
use crate::access::Action;
use crate::access::Outcome;
use crate::access::event::Event;

const VERSION: &str = "1.5.0";
const OTHER: u32 = 99;

pub(super) fn encode(record: &Record<'_>, texts: &Texts<'_>, json: &mut Json<'_>) {
    let (category, class, activity): (u32, u32, u32) = match record.event {
        Event::Access | Event::BreakGlass => (6, 6005, datastore_activity(record.action)),
        Event::Decision => (3, 3003, 1),
        Event::Trail => (6, 6002, lifecycle_activity(record.action)),
    };
    json.object(name!("metadata"), |json| {
        json.text(name!("version"), VERSION);
        json.object(name!("product"), |json| {
            json.text(name!("name"), env!("CARGO_PKG_NAME"));
            json.text(name!("version"), env!("CARGO_PKG_VERSION"));
        });
        json.text(name!("log_name"), "trail");
        json.maybe(name!("correlation_uid"), texts.request_id);
        json.maybe(name!("tenant_uid"), texts.tenant);
    });
    json.millis(name!("time"), record.time);
    json.number(name!("category_uid"), category);
    json.number(name!("class_uid"), class);
    json.number(name!("activity_id"), activity);
    if activity == OTHER {
        json.text(name!("activity_name"), record.action.name());
    }
    json.number(name!("type_uid"), class * 100 + activity);
    json.number(name!("severity_id"), severity(record.outcome));
    json.number(name!("status_id"), status(record.outcome));
    json.maybe_reason(name!("status_detail"), texts.reason);
    match record.event {
        Event::Access | Event::BreakGlass => access(record, texts, json),
        Event::Decision => decision(record, texts, json),
        Event::Trail => {
            json.object(name!("app"), |json| json.text(name!("name"), &record.origin.service));
        }
    }
    unmapped(record, texts, json);
}

fn access(record: &Record<'_>, texts: &Texts<'_>, json: &mut Json<'_>) {
    actor(record, texts, json);
    endpoint(name!("src_endpoint"), record, json);
    json.object(name!("databucket"), |json| {
        json.number(name!("type_id"), OTHER);
        json.text(name!("type"), record.resource_type);
        json.maybe(name!("uid"), texts.resource_id);
        if let Some(owner) = texts.owner_user {
            json.object(name!("owner"), |json| json.text(name!("uid"), owner));
        }
    });
}

fn decision(record: &Record<'_>, texts: &Texts<'_>, json: &mut Json<'_>) {
    actor(record, texts, json);
    endpoint(name!("dst_endpoint"), record, json);
    json.object(name!("user"), |json| match texts.user.or(texts.on_behalf_of) {
        Some(user) => json.text(name!("uid"), user),
        None => json.text(name!("name"), "anonymous"),
    });
    if let Some(session) = texts.session {
        json.object(name!("session"), |json| json.text(name!("uid"), session));
    }
    let (action, resource_type) =
        (record.action.name().as_bytes(), record.resource_type.as_bytes());
    let id = texts.resource_id.unwrap_or_default();
    json.joined_words(name!("privileges"), &[action, b" ", resource_type, b" ", id]);
}

fn actor(record: &Record<'_>, texts: &Texts<'_>, json: &mut Json<'_>) {
    json.object(name!("actor"), |json| {
        json.text(name!("app_name"), &record.origin.service);
        if let Some(user) = texts.user {
            json.object(name!("user"), |json| json.text(name!("uid"), user));
        }
        if let Some(session) = texts.session {
            json.object(name!("session"), |json| json.text(name!("uid"), session));
        }
    });
}

fn endpoint(name: Name, record: &Record<'_>, json: &mut Json<'_>) {
    json.object(name, |json| {
        json.text(name!("svc_name"), &record.origin.service);
        json.text(name!("instance_uid"), &record.origin.instance);
    });
}

/// What the schema has no place for; the seal closes it.
fn unmapped(record: &Record<'_>, texts: &Texts<'_>, json: &mut Json<'_>) {
    json.open(name!("unmapped"));
    json.word(name!("event"), record.event.name());
    json.word(name!("outcome"), record.outcome.name());
    json.text(name!("action"), record.action.name());
    json.resource(record, texts);
    json.maybe(name!("authenticated_by"), texts.authenticated_by);
    json.maybe(name!("on_behalf_of"), texts.on_behalf_of);
    json.maybe(name!("purpose"), texts.purpose);
    json.maybe(name!("trace.id"), texts.trace_id);
    json.text(name!("instance"), &record.origin.instance);
    json.maybe_source(name!("source"), record.source);
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
