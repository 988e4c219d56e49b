//! Which JSON a record becomes.

use super::Record;
use super::ecs;
use super::json::Json;
use super::ocsf;
use std::panic::Location;

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
    pub(crate) fn encode(self, record: &Record<'_>) -> String {
        let mut out = String::with_capacity(self.room_for(record));
        let mut json = Json::new(&mut out);
        match self {
            Self::Json => flat(record, &mut json),
            Self::Ocsf => ocsf::encode(record, &mut json),
            Self::Ecs => ecs::encode(record, &mut json),
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
    fn room_for(self, record: &Record<'_>) -> usize {
        let texts = [
            record.reason,
            Some(record.action.name()),
            Some(record.resource_type),
            record.resource_id,
            record.owner_tenant(),
            record.owner_user(),
            record.owner_session(),
            record.tenant(),
            record.user(),
            record.session(),
            record.authenticated_by(),
            record.on_behalf_of(),
            record.purpose(),
            record.request_id(),
            record.trace_id(),
            Some(&record.origin.service),
            Some(&record.origin.instance),
            record.source.map(Location::file),
        ];
        let texts: usize = texts.into_iter().flatten().map(|text| text.len().min(1100)).sum();
        match self {
            Self::Json => texts + 450,
            // Some are there twice.
            Self::Ocsf | Self::Ecs => 2 * texts + 1100,
        }
    }
}

fn flat(record: &Record<'_>, json: &mut Json<'_>) {
    json.time("time", record.time);
    json.text("event", record.event.name());
    json.text("outcome", record.outcome.name());
    json.maybe_reason("reason", record.reason);
    json.text("action", record.action.name());
    json.resource(record);
    json.maybe("tenant.id", record.tenant());
    json.maybe("user.id", record.user());
    json.maybe("session.id", record.session());
    json.maybe("authenticated_by", record.authenticated_by());
    json.maybe("on_behalf_of", record.on_behalf_of());
    json.maybe("purpose", record.purpose());
    json.maybe("request.id", record.request_id());
    json.maybe("trace.id", record.trace_id());
    json.text("service", &record.origin.service);
    json.text("instance", &record.origin.instance);
    json.maybe_source("source", record.source);
}
