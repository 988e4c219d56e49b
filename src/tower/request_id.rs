//! The request ID at the edge: made here, or taken from whom it may be taken.

use super::head::Head;
use crate::context::RequestId;
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
    /// The ID of a request that begins here. An incoming one that is not taken is replaced in the
    /// request's headers too, so that nobody further in takes it for true.
    #[inline]
    pub(super) fn of(&self, head: &mut impl Head) -> RequestId {
        if has(head.headers(), &self.header) { self.of_incoming(head) } else { RequestId::new() }
    }

    fn of_incoming(&self, head: &mut impl Head) -> RequestId {
        if let (Some(trusts), Some(parts)) = (&self.trusts, head.parts())
            && trusts(parts)
            && let Some(id) = only(&parts.headers, &self.header)
        {
            return id;
        }
        let id = RequestId::new();
        self.replace(head.headers_mut(), &id);
        id
    }

    /// For a request that has its ID from a layer further out: what stands under this one's header
    /// is not to be taken for it.
    pub(super) fn replace_other(&self, headers: &mut HeaderMap, id: &RequestId) {
        let mut others = headers.get_all(&self.header).iter();
        let (first, second) = (others.next(), others.next());
        if first.is_some_and(|value| second.is_some() || value.as_bytes() != id.as_bytes()) {
            self.replace(headers, id);
        }
    }

    fn replace(&self, headers: &mut HeaderMap, id: &RequestId) {
        self.replaced.fetch_add(1, Ordering::Relaxed);
        headers.remove(&self.header);
        if let Some(value) = header_value(id) {
            headers.insert(self.header.clone(), value);
        }
    }
}

/// Puts the ID on a response that has none.
pub(super) fn echo(id: &RequestId, header: HeaderName, headers: &mut HeaderMap) {
    if let Entry::Vacant(place) = headers.entry(header)
        && let Some(value) = header_value(id)
    {
        place.insert(value);
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

/// Of few headers to look at each is cheaper than to hash the name.
#[inline]
fn has(headers: &HeaderMap, name: &HeaderName) -> bool {
    const FEW: usize = 8;
    if headers.keys_len() <= FEW {
        headers.keys().any(|key| key == name)
    } else {
        headers.contains_key(name)
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
    let bytes = id.as_bytes();
    // Where the length is known when this is compiled, the check is a few vector instructions.
    match <&[u8; 36]>::try_from(bytes) {
        Ok(bytes) => HeaderValue::from_bytes(bytes).ok(),
        Err(_) => HeaderValue::from_bytes(bytes).ok(),
    }
}
