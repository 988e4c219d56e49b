//! [`TraceParent`]: the trace that a request came with, for the calls that it makes.

use super::request_id::IsTrusted;
use crate::context::ContextValue;
use crate::context::Reach;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::request::Parts;
use std::fmt;
use std::sync::Arc;

/// The `traceparent` of a request and its `tracestate` (W3C Trace Context), as they came in.
///
/// Kept by [`RequestContextLayer::trust_trace_parent`] and sent on unchanged by
/// [`ClientLayer`](super::client::ClientLayer), so that the calls stay in the trace of the request
/// also where nothing here traces. It is no secret, no proof, and no authority: detached work has
/// it too.
///
/// [`RequestContextLayer::trust_trace_parent`]: super::RequestContextLayer::trust_trace_parent
#[derive(Clone, PartialEq, Eq)]
pub struct TraceParent {
    parent: HeaderValue,
    state: Option<HeaderValue>,
}

impl ContextValue for TraceParent {
    const REACH: Reach = Reach::Beyond;
}

pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(super) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// What the specification asks everyone to pass on at least; more is a burden on all who come after.
const MAX_STATE_BYTES: usize = 512;

impl TraceParent {
    /// The trace in these headers: one `traceparent` of version `00`, valid to the letter.
    ///
    /// A `tracestate` that is not plain ASCII, or longer than 512 bytes, is left out; the
    /// `traceparent` stays, as the specification wants.
    #[must_use]
    pub fn of_headers(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        let parent = values.next()?.as_bytes();
        if values.next().is_some() || !is_trace_parent(parent) {
            return None;
        }
        // A copy, since the value may be a piece of the connection's whole read buffer.
        Some(Self { parent: HeaderValue::from_bytes(parent).ok()?, state: trace_state(headers) })
    }

    /// The `traceparent`: 55 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Valid, so ASCII: there is no other case.
        self.parent.to_str().unwrap_or_default()
    }

    /// The `tracestate`, if there is one.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_ref().and_then(|state| state.to_str().ok())
    }

    pub(super) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(TRACEPARENT, self.parent.clone());
        if let Some(state) = &self.state {
            headers.insert(TRACESTATE, state.clone());
        }
    }
}

impl fmt::Debug for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TraceParent").field(&self.as_str()).finish()
    }
}

/// `00-<trace ID>-<parent ID>-<flags>` in lower-case hex, neither ID all zeros.
fn is_trace_parent(text: &[u8]) -> bool {
    let is_hex = |text: &[u8]| text.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_id = |text: &[u8]| is_hex(text) && text.iter().any(|b| *b != b'0');
    text.len() == 55
        && text.starts_with(b"00-")
        && is_id(&text[3..35])
        && text[35] == b'-'
        && is_id(&text[36..52])
        && text[52] == b'-'
        && is_hex(&text[53..])
}

/// All `tracestate` headers as one, since a list may come in several.
fn trace_state(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut state = String::new();
    for value in headers.get_all(TRACESTATE) {
        let value = value.to_str().ok()?;
        if !state.is_empty() && !value.is_empty() {
            state.push(',');
        }
        state.push_str(value);
        if state.len() > MAX_STATE_BYTES {
            return None;
        }
    }
    if state.is_empty() { None } else { HeaderValue::try_from(state).ok() }
}

/// From whom a trace is kept: from nobody by default.
#[derive(Clone, Default)]
pub(super) struct TraceParents(Option<Arc<IsTrusted>>);

impl TraceParents {
    pub(super) fn from(is_trusted: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(is_trusted)))
    }

    /// Whether they are found in the request's head.
    pub(super) fn asks(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn of(&self, parts: &Parts) -> Option<TraceParent> {
        let is_trusted = self.0.as_ref()?;
        is_trusted(parts).then(|| TraceParent::of_headers(&parts.headers)).flatten()
    }
}

impl fmt::Debug for TraceParents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceParents").finish_non_exhaustive()
    }
}
