//! The Elastic Common Schema.

use super::Record;
use super::json::Json;
use super::json::name;
use super::texts::Texts;
use crate::access::Action;
use crate::access::Outcome;
use crate::access::event::Event;

const VERSION: &str = "9.0.0";

pub(super) fn encode(record: &Record<'_>, texts: &Texts<'_>, json: &mut Json<'_>) {
    json.time(name!("@timestamp"), record.time);
    json.object(name!("ecs"), |json| json.text(name!("version"), VERSION));
    json.object(name!("event"), |json| event(record, texts, json));
    if let Some(user) = texts.user {
        json.object(name!("user"), |json| json.text(name!("id"), user));
    }
    if let Some(tenant) = texts.tenant {
        json.object(name!("organization"), |json| json.text(name!("id"), tenant));
    }
    if let Some(id) = texts.request_id {
        json.object(name!("http"), |json| {
            json.object(name!("request"), |json| json.text(name!("id"), id));
        });
    }
    if let Some(id) = texts.trace_id {
        json.object(name!("trace"), |json| json.text(name!("id"), id));
    }
    json.object(name!("service"), |json| {
        json.text(name!("name"), &record.origin.service);
        json.object(name!("node"), |json| json.text(name!("name"), &record.origin.instance));
    });
    if let Some(source) = record.source {
        json.object(name!("log"), |json| {
            json.object(name!("origin"), |json| {
                json.object(name!("file"), |json| {
                    json.text(name!("name"), source.file());
                    json.number(name!("line"), source.line());
                });
            });
        });
    }
    trail(record, texts, json);
}

fn event(record: &Record<'_>, texts: &Texts<'_>, json: &mut Json<'_>) {
    json.text(name!("kind"), "event");
    json.text(name!("dataset"), "request_context.trail");
    // Of the types that the schema expects with the category none says whether it was allowed: the
    // outcome does.
    match record.event {
        Event::Access | Event::BreakGlass => {
            json.words(name!("category"), &["database"]);
            let kind = if is_change(record.action) { "change" } else { "access" };
            match record.outcome {
                Outcome::Error => json.words(name!("type"), &[kind, "error"]),
                _ => json.words(name!("type"), &[kind]),
            }
        }
        Event::Decision => {
            json.words(name!("category"), &["iam"]);
            json.words(name!("type"), &["info"]);
        }
        Event::Trail => {
            json.words(name!("category"), &["process"]);
            json.words(name!("type"), &["info"]);
        }
    }
    json.text(name!("action"), record.action.name());
    json.text(
        name!("outcome"),
        match record.outcome {
            Outcome::Allowed | Outcome::BreakGlass => "success",
            Outcome::Denied | Outcome::Error => "failure",
        },
    );
    json.maybe_reason(name!("reason"), texts.reason);
}

const fn is_change(action: Action) -> bool {
    matches!(action, Action::Create | Action::Write | Action::Update | Action::Delete)
}

/// What the schema has no place for; the seal closes it.
fn trail(record: &Record<'_>, texts: &Texts<'_>, json: &mut Json<'_>) {
    json.open(name!("trail"));
    json.word(name!("event"), record.event.name());
    json.word(name!("outcome"), record.outcome.name());
    json.resource(record, texts);
    json.maybe(name!("session.id"), texts.session);
    json.maybe(name!("authenticated_by"), texts.authenticated_by);
    json.maybe(name!("on_behalf_of"), texts.on_behalf_of);
    json.maybe(name!("purpose"), texts.purpose);
}
