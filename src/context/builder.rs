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
        let parts = Parts { liveness: Liveness::default(), ..self.parts };
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

    /// Sets user and session: one that was begun before is never taken along (session fixation). Of
    /// what another user had before nothing stays but the values that the layer gives to all.
    #[cfg(feature = "tower")]
    pub(crate) fn identity(mut self, identity: Identity) -> Self {
        let Identity { user, session, values } = identity;
        let parts = &mut self.parts;
        if parts.user.as_ref().is_some_and(|other| *other != user) {
            parts.values = parts.shared_values.clone();
        }
        parts.user = Some(user);
        parts.session = session;
        for value in values.as_slice() {
            parts.values.insert(value.clone());
        }
        self
    }

    /// Sets user and session to exactly these, and the values to these over those of the layer.
    #[cfg(feature = "tower")]
    pub(crate) fn exactly(mut self, identity: Identity) -> Self {
        let Identity { user, session, values } = identity;
        self.parts.user = Some(user);
        self.parts.session = session;
        self.parts.values = self.parts.shared_values.clone();
        for value in values.as_slice() {
            self.parts.values.insert(value.clone());
        }
        self
    }

    /// Sets the values that the layer gives to all.
    #[cfg(feature = "tower")]
    pub(crate) fn shared_values(mut self, values: Values) -> Self {
        self.parts.values = values.clone();
        self.parts.shared_values = values;
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
