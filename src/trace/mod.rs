//! Showing the context: on the request's span, on every log line, in a panic report.
//!
//! A span carries the IDs to whatever layer reads spans, an OpenTelemetry exporter for one. A log
//! line must have them even where no span is entered, so `LogLayer` takes them from the context
//! that is current at the event. A layer of one's own does the same by
//! [`RequestContext::try_current`](crate::RequestContext::try_current).

mod fields;
#[cfg(feature = "tracing-layer")]
mod layer;
mod line;
mod panic_hook;
mod span;
#[cfg(feature = "tracing-layer")]
mod user_digest;

pub use fields::LogFields;
#[cfg(feature = "tracing-layer")]
pub use layer::LogLayer;
#[cfg(feature = "access")]
pub(crate) use line::extend_quotable;
pub use panic_hook::install_panic_hook;
#[cfg(feature = "tower")]
pub(crate) use span::SESSION_ID;
