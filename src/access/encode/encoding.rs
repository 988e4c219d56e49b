//! Which JSON a record becomes.

use super::Origin;
use super::Record;
use super::ecs;
use super::json::Json;
use super::json::name;
use super::ocsf;
use super::texts::Texts;

/// Which JSON a record becomes. The names of the fields differ; what they say, and the seal at the
/// end of each line, do not.
///
/// No text can end or forge a line: what could is escaped, as in [`LogLayer`](crate::LogLayer), and
/// cut at 256 bytes (a reason: at 1024). What was cut ends in `…[1048576 bytes, sha256:` and 16
/// hexadecimal digits of its hash; nothing shorter than the limit is ever that long, so it cannot be
/// feigned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Flat, with the names that the log has: `request.id`, `session.id`, `user.id`.
    #[default]
    Json,
    /// The Open Cybersecurity Schema Framework 1.5: an access is a Datastore Activity (6005), a
    /// decision an Authorize Session (3003), the trail about itself an Application Lifecycle (6002);
    /// what the schema has no place for is in `unmapped`.
    Ocsf,
    /// The Elastic Common Schema 9; what the schema has no place for is in `trail`.
    Ecs,
}

impl Encoding {
    /// Writes the record up to its seal; [`closing`](Self::closing) comes after that.
    pub(crate) fn encode(self, record: &Record<'_>) -> Vec<u8> {
        let texts = record.texts();
        let mut out = Vec::with_capacity(self.room_for(record, &texts));
        let mut json = Json::new(&mut out);
        match self {
            Self::Json => flat(record, &texts, &mut json),
            Self::Ocsf => ocsf::encode(record, &texts, &mut json),
            Self::Ecs => ecs::encode(record, &texts, &mut json),
        }
        out
    }

    pub(crate) const fn closing(self) -> &'static str {
        match self {
            Self::Json => "}",
            Self::Ocsf | Self::Ecs => "}}",
        }
    }

    /// What suffices unless a text is full of what has to be escaped.
    fn room_for(self, record: &Record<'_>, texts: &Texts<'_>) -> usize {
        let Origin { service, instance } = record.origin;
        let texts = texts.bytes()
            + record.action.name().len()
            + record.resource_type.len()
            + service.len()
            + instance.len()
            + record.source.map_or(0, |source| source.file().len());
        match self {
            Self::Json => texts + 450,
            // Some are there twice.
            Self::Ocsf | Self::Ecs => 2 * texts + 1100,
        }
    }
}

fn flat(record: &Record<'_>, texts: &Texts<'_>, json: &mut Json<'_>) {
    json.time(name!("time"), record.time);
    json.word(name!("event"), record.event.name());
    json.word(name!("outcome"), record.outcome.name());
    json.maybe_reason(name!("reason"), texts.reason);
    json.text(name!("action"), record.action.name());
    json.resource(record, texts);
    json.maybe(name!("tenant.id"), texts.tenant);
    json.maybe(name!("user.id"), texts.user);
    json.maybe(name!("session.id"), texts.session);
    json.maybe(name!("authenticated_by"), texts.authenticated_by);
    json.maybe(name!("on_behalf_of"), texts.on_behalf_of);
    json.maybe(name!("purpose"), texts.purpose);
    json.maybe(name!("request.id"), texts.request_id);
    json.maybe(name!("trace.id"), texts.trace_id);
    json.text(name!("service"), &record.origin.service);
    json.text(name!("instance"), &record.origin.instance);
    json.maybe_source(name!("source"), record.source);
}
