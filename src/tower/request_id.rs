//! The request ID at the edge: made here, or taken from whom it may be taken.

use crate::context::RequestContext;
use crate::context::RequestId;
use crate::context::current;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::header::Entry;
use http::request::Parts;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

pub(super) type IsTrusted = dyn Fn(&Parts) -> bool + Send + Sync;

#[derive(Clone)]
pub(super) struct RequestIds {
    pub(super) header: HeaderName,
    /// Which requests come from a peer whose ID is taken.
    pub(super) trusts: Option<Arc<IsTrusted>>,
    /// How many incoming IDs were not taken.
    pub(super) replaced: Arc<AtomicU64>,
}

impl RequestIds {
    /// The ID of the request. An incoming one that is not taken is replaced in the request's headers
    /// too, so that nobody further in takes it for true.
    pub(super) fn of(&self, parts: &mut Parts) -> RequestId {
        // Inside another such layer it is the same request still: that layer placed the context, and
        // the code runs in it.
        if let Some(outer) = parts.extensions.get::<RequestContext>()
            && current::peek(|current| current.request_id() == outer.request_id()) == Some(true)
        {
            return outer.request_id().clone();
        }
        if !parts.headers.contains_key(&self.header) {
            return RequestId::new();
        }
        let is_trusted = self.trusts.as_ref().is_some_and(|trusts| trusts(parts));
        if is_trusted && let Some(id) = only(&parts.headers, &self.header) {
            return id;
        }
        self.replaced.fetch_add(1, Ordering::Relaxed);
        let id = RequestId::new();
        parts.headers.remove(&self.header);
        if let Some(value) = header_value(&id) {
            parts.headers.insert(self.header.clone(), value);
        }
        id
    }

    /// Puts the ID on a response that has none.
    pub(super) fn echo(&self, id: &RequestId, headers: &mut HeaderMap) {
        if let Entry::Vacant(place) = headers.entry(&self.header)
            && let Some(value) = header_value(id)
        {
            place.insert(value);
        }
    }
}

impl Default for RequestIds {
    fn default() -> Self {
        Self {
            header: HeaderName::from_static("x-request-id"),
            trusts: None,
            replaced: Arc::default(),
        }
    }
}

impl fmt::Debug for RequestIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestIds")
            .field("header", &self.header)
            .field("replaced", &self.replaced)
            .finish_non_exhaustive()
    }
}

/// The legal ID in the one header of that name.
fn only(headers: &HeaderMap, name: &HeaderName) -> Option<RequestId> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    value.to_str().ok()?.parse().ok()
}

/// Always there: the characters of an ID are all legal in a header.
pub(super) fn header_value(id: &RequestId) -> Option<HeaderValue> {
    HeaderValue::from_str(id.as_str()).ok()
}
