//! Records as lines of JSON, but for their seal: all that comes before `"seq":`.

mod ecs;
mod encoding;
mod json;
mod ocsf;
mod origin;
mod record;
mod texts;
mod utc;

pub use encoding::Encoding;
pub(super) use origin::Origin;
pub(super) use record::Record;
pub(super) use utc::Utc;
