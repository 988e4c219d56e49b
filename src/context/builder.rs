//! Makes a context of given parts.

use crate::context::ContextValue;
#[cfg(feature = "tower")]
use crate::context::Identity;
use crate::context::RequestContext;
use crate::context::RequestId;
use crate::context::SessionId;
use crate::context::UserId;
#[cfg(feature = "tower")]
use crate::context::liveness::Liveness;
use crate::context::request_context::Parts;
use crate::context::request_context::Record;
use crate::context::values::Value;
#[cfg(feature = "tower")]
use crate::context::values::Values;
use std::fmt;

/// Makes a [`RequestContext`] of given parts; from [`RequestContext::builder`] or
/// [`RequestContext::to_builder`].
#[must_use = "a builder makes no context until `build` is called"]
pub struct RequestContextBuilder {
    request_id: Option<RequestId>,
    parts: Parts,
}

impl RequestContextBuilder {
    #[inline]
    pub(super) fn new() -> Self {
        Self { request_id: None, parts: Parts::default() }
    }

    pub(super) fn derived(record: &Record) -> Self {
        let Record { request_id, parts } = record.clone();
        Self { request_id: Some(request_id), parts }
    }

    /// Sets the request ID. Without one, [`build`](Self::build) makes a fresh one.
    #[inline]
    pub fn request_id(self, id: RequestId) -> Self {
        // Another ID is another request, with a life of its own.
        #[cfg(feature = "tower")]
        let parts = {
            let liveness = Liveness::sharing(self.parts.liveness.shared_values());
            Parts { liveness, ..self.parts }
        };
        #[cfg(not(feature = "tower"))]
        let parts = self.parts;
        Self { request_id: Some(id), parts }
    }

    /// Sets the session.
    #[inline]
    pub fn session(self, id: SessionId) -> Self {
        Self { parts: Parts { session: Some(id), ..self.parts }, ..self }
    }

    /// Sets the user.
    #[inline]
    pub fn user(self, id: UserId) -> Self {
        Self { parts: Parts { user: Some(id), ..self.parts }, ..self }
    }

    /// Adds a value, in the place of one of the same type.
    pub fn insert(mut self, value: impl ContextValue) -> Self {
        self.parts.values.insert(Value::new(value));
        self
    }

    /// Sets user and session to those of `identity`, as [`Parts::identify`] does.
    #[cfg(feature = "tower")]
    pub(crate) fn identity(mut self, identity: Identity) -> Self {
        self.parts.identify(identity);
        self
    }

    /// Sets user and session to exactly these, and the values to these over those of the layer.
    #[cfg(feature = "tower")]
    pub(crate) fn exactly(mut self, identity: Identity) -> Self {
        self.parts.user = None;
        self.parts.values = self.parts.liveness.shared_values();
        self.parts.identify(identity);
        self
    }

    /// Adds values that a layer gives to all: they stay whoever signs in.
    #[cfg(feature = "tower")]
    pub(crate) fn share(mut self, values: &Values) -> Self {
        for value in values.as_slice() {
            self.parts.liveness.share(value.clone());
            self.parts.values.insert(value.clone());
        }
        self
    }

    /// Makes the context. It cannot fail: a missing request ID becomes a fresh one.
    #[inline]
    #[must_use]
    pub fn build(self) -> RequestContext {
        let Self { request_id, parts } = self;
        RequestContext::from_record(Record { request_id: request_id.unwrap_or_default(), parts })
    }
}

impl fmt::Debug for RequestContextBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContextBuilder").finish_non_exhaustive()
    }
}
