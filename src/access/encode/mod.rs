//! Records as lines of JSON, but for their seal: all that comes before `"seq":`.

mod ecs;
mod encoding;
mod json;
mod ocsf;
mod origin;
mod record;

pub use encoding::Encoding;
pub(super) use origin::Origin;
pub(super) use record::Record;
