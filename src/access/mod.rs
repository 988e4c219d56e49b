//! Who may, and the record that they did: permits, and an audit trail that cannot be lost silently.
//!
//! A check that is forgotten is not noticed. Here the functions that touch data demand a [`Permit`],
//! which only [`authorize`] gives: it asks the [policy] of the context, puts the decision on
//! record, and binds the permit to whom it was given to, to the request and to the resource. What is
//! not allowed is denied, and so is all that could not be decided or not be recorded.
//!
//! ```
//! use request_context::RequestContext;
//! use request_context::access::policy::{Policy, RolePolicy, Roles, Rule};
//! use request_context::access::{self, AccessError, Action, Permit, Resource};
//! # use request_context::access::trail::{FileSink, Trail};
//! # use std::borrow::Cow;
//! # #[derive(Clone)]
//! # struct Chart { id: &'static str }
//! # impl Resource for Chart {
//! #     const TYPE: &'static str = "chart";
//! #     fn id(&self) -> Cow<'_, str> { self.id.into() }
//! # }
//!
//! async fn findings(permit: &Permit<Chart>) -> Result<Vec<String>, AccessError> {
//!     let chart = permit.resource_to(Action::Read)?; // here and now, for this user and request
//!     let findings = vec![format!("of {}", chart.id)];
//!     permit.record()?.count(1).await?; // before the data is handed out
//!     Ok(findings)
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = std::env::temp_dir().join(format!("request-context-permit-{}", std::process::id()));
//! # let trail = Trail::builder("records").open(FileSink::in_dir(&dir))?;
//! let rule = Rule::role("doctor").on::<Chart>().to([Action::Read]);
//! let policy = Policy::new(RolePolicy::new().allow(rule));
//!
//! // With feature `tower` the layer inserts policy and trail, and authentication the roles.
//! let context = RequestContext::builder().insert(policy).insert(trail).user("ada".parse()?);
//! let doctor = context.insert(Roles::new(["doctor"])).build();
//! let chart = Chart { id: "c-7" };
//! doctor
//!     .scope(async {
//!         let permit = access::authorize(Action::Read, &chart).await?;
//!         assert_eq!(findings(&permit).await?, ["of c-7"]);
//!         assert!(access::authorize(Action::Delete, &chart).await.unwrap_err().is_denied());
//!         Ok::<_, AccessError>(())
//!     })
//!     .await?;
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok(())
//! # }
//! ```
//!
//! # The trail
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

mod about;
#[expect(clippy::module_inception, reason = "one public noun, one file")]
mod access;
mod action;
mod ask;
mod authenticated_by;
mod authorize;
mod authorizing;
mod chain;
mod deciding;
mod encode;
mod error;
mod event;
mod function;
mod notice;
mod outcome;
mod permit;
mod permit_error;
mod permitted_stream;
pub mod policy;
mod purpose;
mod rechecking;
mod resource;
mod sink;
mod sleeper;
mod step;
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
pub use authorize::Authorize;
pub use authorize::authorize;
pub use authorize::authorize_function;
pub use authorize::try_authorize;
pub use authorize::try_authorize_function;
pub use authorizing::Authorizing;
pub use error::AccessError;
pub use function::Function;
pub use outcome::Outcome;
pub use permit::Permit;
pub use permit_error::PermitError;
pub use permitted_stream::PermittedStream;
pub use purpose::Purpose;
pub use rechecking::Rechecking;
pub use resource::Resource;
pub use trace_id::TraceId;
