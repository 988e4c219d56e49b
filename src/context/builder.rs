//! Makes a context of given parts.

use crate::context::ContextValue;
use crate::context::RequestContext;
use crate::context::RequestId;
use crate::context::SessionId;
use crate::context::UserId;
#[cfg(feature = "tracing-layer")]
use crate::context::memo::Memo;
use crate::context::request_context::Record;
use crate::context::values::Value;
use crate::context::values::Values;
use std::fmt;

/// Makes a [`RequestContext`] of given parts; from [`RequestContext::builder`] or
/// [`RequestContext::to_builder`].
#[must_use = "a builder makes no context until `build` is called"]
pub struct RequestContextBuilder {
    request_id: Option<RequestId>,
    session: Option<SessionId>,
    user: Option<UserId>,
    on_behalf_of: Option<Box<UserId>>,
    values: Values,
}

impl RequestContextBuilder {
    pub(super) fn new() -> Self {
        Self {
            request_id: None,
            session: None,
            user: None,
            on_behalf_of: None,
            values: Values::default(),
        }
    }

    pub(super) fn derived(record: &Record) -> Self {
        let Record { request_id, session, user, on_behalf_of, values, .. } = record.clone();
        Self { request_id: Some(request_id), session, user, on_behalf_of, values }
    }

    /// Sets the request ID. Without one, [`build`](Self::build) makes a fresh one.
    #[inline]
    pub fn request_id(mut self, id: RequestId) -> Self {
        self.request_id = Some(id);
        self
    }

    /// Sets the session.
    #[inline]
    pub fn session(mut self, id: SessionId) -> Self {
        self.session = Some(id);
        self
    }

    /// Sets the user.
    #[inline]
    pub fn user(mut self, id: UserId) -> Self {
        self.user = Some(id);
        self
    }

    /// Adds a value, in the place of one of the same type.
    pub fn insert(mut self, value: impl ContextValue) -> Self {
        self.values.insert(Value::new(value));
        self
    }

    /// Makes the context. It cannot fail: a missing request ID becomes a fresh one.
    #[inline]
    #[must_use]
    pub fn build(self) -> RequestContext {
        RequestContext::from_record(Record {
            request_id: self.request_id.unwrap_or_default(),
            session: self.session,
            user: self.user,
            on_behalf_of: self.on_behalf_of,
            values: self.values,
            #[cfg(feature = "tracing-layer")]
            user_digest: Memo::default(),
        })
    }
}

impl fmt::Debug for RequestContextBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContextBuilder").finish_non_exhaustive()
    }
}
