//! The trace that the request is part of.

use crate::context::ContextValue;
use crate::context::Reach;
use std::fmt;
use std::str;

/// The ID of the trace that the request is part of, a [`ContextValue`]: 32 hexadecimal digits, in
/// lower case and not all zeros (W3C Trace Context).
///
/// The layer inserts it where it keeps the
/// `TraceParent` of a request. No authority: detached work has it too.
///
/// ```
/// use request_context::access::TraceId;
///
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace = TraceId::of_trace_parent(parent).unwrap();
/// assert_eq!(trace.as_str(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 32]);

impl ContextValue for TraceId {
    const REACH: Reach = Reach::Beyond;
}

impl TraceId {
    /// The trace of this ID, if it is one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let digits: [u8; 32] = text.as_bytes().try_into().ok()?;
        let is_hex = digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (is_hex && digits.iter().any(|b| *b != b'0')).then_some(Self(digits))
    }

    /// The trace of a `traceparent` header, if it has one.
    #[must_use]
    pub fn of_trace_parent(header: &str) -> Option<Self> {
        header.strip_prefix("00-")?.split('-').next().and_then(Self::new)
    }

    /// The 32 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Digits are ASCII: there is no other case.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The same, without a look at whether it is text.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TraceId").field(&self.as_str()).finish()
    }
}
