//! The value that a request carries: who it is for, and what else deeper code needs to know.
//!
//! A [`RequestContext`] is one pointer to an immutable record: a [`RequestId`], perhaps a
//! [`SessionId`] and a [`UserId`], and any number of [`ContextValue`]s found again by their type.
//! To change something is to [derive](RequestContext::to_builder) a new context and enter it;
//! nobody can change the context under code that already runs in it.

pub(crate) mod accounted;
mod builder;
#[cfg(feature = "testing")]
pub(crate) mod census;
pub(crate) mod current;
mod detach;
mod error;
mod id;
#[cfg(feature = "tower")]
mod identity;
#[cfg(feature = "tower")]
pub(crate) mod liveness;
#[cfg(feature = "tracing-layer")]
mod memo;
mod reach;
mod request_context;
#[cfg(feature = "owner")]
pub(crate) mod session_life;
pub(crate) mod values;

pub use builder::RequestContextBuilder;
pub use error::MissingIdentity;
pub use error::NoContext;
pub use id::InvalidId;
pub use id::RequestId;
pub use id::SessionId;
#[cfg(feature = "owner")]
pub use id::TenantId;
pub use id::UserId;
#[cfg(feature = "tower")]
pub use identity::Identity;
pub use reach::ContextValue;
pub use reach::Reach;
pub use request_context::RequestContext;
#[cfg(feature = "testing")]
pub(crate) use request_context::WeakContext;
