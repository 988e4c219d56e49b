//! Being in a context: the adapters that poll, call and drop what they hold inside it.
//!
//! | to put into a context | exactly the one given, no span | the current one and its span |
//! |---|---|---|
//! | a future | [`RequestContext::scope`], [`ContextExt::in_context`] | [`ContextExt::in_current_context`] |
//! | a stream, a sink | [`ContextStreamExt::in_context`], [`StreamInContext::new`] | [`ContextStreamExt::in_current_context`] |
//! | a response body | `ContextBodyExt::in_context` | `ContextBodyExt::in_current_context` |
//! | a closure | [`RequestContext::sync_scope`] | [`carry`], [`carry_mut`], [`carry_fn`] |
//!
//! What captures does so at the call, not at the first poll, and leaves behind the values whose
//! [`Reach`](crate::Reach) is `Scope`.
//!
//! [`RequestContext::scope`]: crate::RequestContext::scope
//! [`RequestContext::sync_scope`]: crate::RequestContext::sync_scope

#[cfg(feature = "scope-body")]
mod body;
mod capture;
mod carried;
mod closure;
mod ext;
mod held;
mod in_context;
#[cfg(feature = "spawn")]
mod outside;
#[cfg(feature = "spawn")]
pub(crate) mod schedule;
mod span;
mod stream;

#[cfg(feature = "scope-body")]
pub use body::BodyInContext;
#[cfg(feature = "scope-body")]
pub use body::ContextBodyExt;
#[cfg(any(feature = "spawn", feature = "tower"))]
pub(crate) use capture::Capture;
pub use carried::Carried;
pub use closure::carry;
pub use closure::carry_fn;
pub use closure::carry_mut;
pub use closure::try_carry;
pub use closure::try_carry_fn;
pub use closure::try_carry_mut;
pub use ext::ContextExt;
pub use ext::ContextStreamExt;
#[cfg(feature = "tower")]
pub(crate) use held::Emptied;
pub use in_context::InContext;
#[cfg(feature = "spawn")]
pub(crate) use outside::Outside;
#[cfg(feature = "tower")]
pub(crate) use span::CarriedSpan;
#[cfg(feature = "tracing")]
pub(crate) use span::SPAN_TARGET;
pub use stream::StreamInContext;
