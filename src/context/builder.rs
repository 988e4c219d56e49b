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
    /// With an ID that is no ID until there is one: the record is made in place, and moved once.
    record: Record,
}

impl RequestContextBuilder {
    #[inline]
    pub(super) fn new() -> Self {
        Self { record: Record { request_id: RequestId::NONE, parts: Parts::default() } }
    }

    pub(super) fn derived(record: &Record) -> Self {
        Self { record: record.clone() }
    }

    /// Sets the request ID. Without one, [`build`](Self::build) makes a fresh one.
    #[inline]
    pub fn request_id(mut self, id: RequestId) -> Self {
        self.record.request_id = id;
        // Another ID is another request, with a life of its own.
        #[cfg(feature = "tower")]
        {
            let shared_values = self.record.parts.liveness.shared_values();
            self.record.parts.liveness = Liveness::sharing(shared_values);
        }
        self
    }

    /// Sets the session.
    #[inline]
    pub fn session(mut self, id: SessionId) -> Self {
        self.record.parts.set_session(Some(id));
        self
    }

    /// Sets the user.
    #[inline]
    pub fn user(mut self, id: UserId) -> Self {
        self.record.parts.user = Some(id);
        self
    }

    /// Adds a value, in the place of one of the same type.
    pub fn insert(mut self, value: impl ContextValue) -> Self {
        self.record.parts.values.insert(Value::new(value));
        self
    }

    /// Sets user and session to those of `identity`, as [`Parts::identify`] does.
    #[cfg(feature = "tower")]
    pub(crate) fn identity(mut self, identity: Identity) -> Self {
        self.record.parts.identify(identity);
        self
    }

    /// Sets user and session to exactly these, and the values to these over those of the layer; but
    /// for a session that was begun, which takes nothing away.
    #[cfg(feature = "tower")]
    pub(crate) fn exactly(mut self, identity: Identity) -> Self {
        if identity.only_adds {
            return self.identity(identity);
        }
        self.record.parts.user = None;
        self.record.parts.values = self.record.parts.liveness.shared_values();
        self.record.parts.identify(identity);
        self
    }

    /// Makes it that of a part of the request, in which a layer gives these values to all: they stay
    /// whoever signs in.
    #[cfg(feature = "tower")]
    pub(crate) fn part(mut self, values: &Values) -> Self {
        self.record.parts.liveness = self.record.parts.liveness.part(values);
        for value in values.as_slice() {
            self.record.parts.values.insert(value.clone());
        }
        self
    }

    /// Makes the context. It cannot fail: a missing request ID becomes a fresh one.
    #[inline]
    #[must_use]
    pub fn build(mut self) -> RequestContext {
        if self.record.request_id.is_none() {
            self.record.request_id = RequestId::new();
        }
        RequestContext::from_record(self.record)
    }
}

impl fmt::Debug for RequestContextBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContextBuilder").finish_non_exhaustive()
    }
}
