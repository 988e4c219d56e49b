//! Who decides what may be done: rules of one's own, or an engine.
//!
//! A [`Policy`] is a value of the context. What it decides by is a [`Decide`]: [`RolePolicy`], which
//! is rules over roles and ownership; `CedarPolicy` (feature `access-cedar`), which is policies in a
//! language of their own; or code of yours. All deny what they do not allow, and an error or a panic
//! is a denial.
//!
//! # Detached work
//! What outlives its request has no user, so it has no authority: everything is denied to it, and
//! the policy is not even asked, unless it [says](Decide::decides_for_detached_work) that it decides
//! for the user such work [came from](Question::on_behalf_of). Nobody has proved since that this user
//! still wants it, or still may: allow it what you would do without asking.

#[cfg(feature = "access-cedar")]
mod attributes;
#[cfg(feature = "access-cedar")]
mod cedar;
#[cfg(feature = "access-cedar")]
mod cedar_error;
mod decide;
#[expect(clippy::module_inception, reason = "one public noun, one file")]
mod policy;
mod question;
mod role;
mod role_policy;
mod roles;
mod rule;
mod rules;
mod verdict;

#[cfg(feature = "access-cedar")]
pub use attributes::Attributes;
#[cfg(feature = "access-cedar")]
pub use cedar::CedarPolicy;
#[cfg(feature = "access-cedar")]
pub use cedar_error::CedarError;
pub use decide::Decide;
pub use decide::Decided;
pub(super) use policy::Decider;
pub use policy::Policy;
pub use question::Question;
pub(super) use role_policy::Finding;
pub use role_policy::RolePolicy;
pub use roles::Roles;
pub use rule::Rule;
pub(crate) use verdict::Kind as VerdictKind;
pub use verdict::Verdict;
