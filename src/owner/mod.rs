//! State that knows whose it is.

mod error;
mod owned;
#[expect(clippy::module_inception, reason = "one public noun, one file")]
mod owner;
mod per_owner;
mod per_session;
mod per_user;
mod registry;
#[cfg(test)]
mod revocation;
mod seal;
mod shard;
mod shared;
mod slot;
mod waiting;
mod wire;

pub use crate::context::TenantId;
pub use error::OwnedError;
pub use owned::Owned;
pub use owner::Owner;
pub use per_session::PerSession;
pub use per_user::PerUser;
pub use shared::Shared;
