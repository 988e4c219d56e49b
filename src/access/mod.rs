//! Who did what, on record: an audit trail that cannot be lost silently.
//!
//! A log line can be filtered out, dropped by a full channel, or written to a disk that is full
//! without anyone noticing. For the record that somebody saw a patient's chart that is not enough: if
//! there can be no record, there must be no access. [`record`] makes the record of one access from the
//! current context, and *waits* until the [`Trail`](trail::Trail) holds it as surely as its
//! [`SyncPolicy`](trail::SyncPolicy) promises, or fails.
//!
//! ```
//! use request_context::RequestContext;
//! use request_context::access::trail::{FileSink, Trail};
//! use request_context::access::{self, Action, Resource};
//! # use std::borrow::Cow;
//! # struct Chart { id: String }
//! # impl Resource for Chart {
//! #     const TYPE: &'static str = "chart";
//! #     fn id(&self) -> Cow<'_, str> { Cow::Borrowed(&self.id) }
//! # }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = std::env::temp_dir().join(format!("request-context-doc-{}", std::process::id()));
//! let trail = Trail::builder("records").open(FileSink::in_dir(&dir))?;
//! // With feature `tower`: `RequestContextLayer::new().insert(trail.clone())`.
//! let context = RequestContext::builder().user("ada".parse()?).insert(trail.clone()).build();
//! context
//!     .scope(async {
//!         let chart = Chart { id: "c-7".into() };
//!         access::record(Action::Read, &chart).count(3).await // who, when, where: from the context
//!     })
//!     .await?;
//! trail.close().await?;
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok(())
//! # }
//! ```
//!
//! On record is: when (UTC, and a sequence), who (user, tenant, session handle,
//! [how authenticated](AuthenticatedBy), on whose behalf), what ([action](Action), type and ID of the
//! [resource](Resource), a count; never data), whose (the resource's owner), why ([`Purpose`]), how it
//! went ([`Outcome`]) and the reason, where (service, instance, source line), the request ID and the
//! [trace](TraceId).

#[expect(clippy::module_inception, reason = "one public noun, one file")]
mod access;
mod action;
mod authenticated_by;
mod chain;
mod encode;
mod event;
mod outcome;
mod purpose;
mod resource;
mod sink;
mod trace_id;
pub mod trail;

pub use access::Access;
pub use access::break_glass;
pub use access::decision;
pub use access::record;
pub use access::try_break_glass;
pub use access::try_decision;
pub use access::try_record;
pub use action::Action;
pub use authenticated_by::AuthenticatedBy;
pub use outcome::Outcome;
pub use purpose::Purpose;
pub use resource::Resource;
pub use trace_id::TraceId;
