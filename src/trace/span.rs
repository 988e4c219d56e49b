//! The request's span.

use crate::context::RequestContext;
use crate::context::SessionId;
use crate::context::UserId;
use crate::scope::SPAN_TARGET;
use tracing::Span;
use tracing::info_span;

pub(super) const REQUEST_ID: &str = "request.id";
pub(crate) const SESSION_ID: &str = "session.id";
pub(super) const USER_ID: &str = "user.id";

impl RequestContext {
    /// Makes the span `request`, at level INFO, with `request.id`, `session.id` and `user.id`.
    ///
    /// What the context does not have is left unrecorded, and can be
    /// [recorded later](Self::record_on). An event need not be inside the span to show the IDs if
    /// the `LogLayer` writes it.
    ///
    /// ```
    /// use request_context::RequestContext;
    /// use tracing::Instrument;
    ///
    /// # async fn handle() {}
    /// let context = RequestContext::new();
    /// let span = context.span();
    /// let future = context.scope(handle().instrument(span));
    /// # drop(future);
    /// ```
    #[must_use]
    pub fn span(&self) -> Span {
        info_span!(
            target: SPAN_TARGET,
            "request",
            request.id = self.request_id().as_str(),
            session.id = self.session().map(SessionId::as_str),
            user.id = self.user().map(UserId::as_str),
        )
    }

    /// Records on `span`, made by [`span`](Self::span), the session and the user that this context
    /// has: after a login, by the context that was derived then.
    ///
    /// ```
    /// use request_context::RequestContext;
    ///
    /// let anonymous = RequestContext::new();
    /// let span = anonymous.span();
    /// let authenticated = anonymous.to_builder().user("ada".parse()?).build();
    /// authenticated.record_on(&span);
    /// # Ok::<_, request_context::InvalidId>(())
    /// ```
    pub fn record_on(&self, span: &Span) {
        if let Some(session) = self.session() {
            span.record(SESSION_ID, session.as_str());
        }
        if let Some(user) = self.user() {
            span.record(USER_ID, user.as_str());
        }
    }
}
