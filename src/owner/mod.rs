//! State that knows whose it is.

#[expect(clippy::module_inception, reason = "one public noun, one file")]
mod owner;

pub use crate::context::TenantId;
pub use owner::Owner;
