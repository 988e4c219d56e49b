//! What is left of a context in work that outlives its request.

use crate::context::Reach;
use crate::context::RequestContext;
#[cfg(feature = "tracing-layer")]
use crate::context::memo::Memo;
use crate::context::request_context::Record;

impl RequestContext {
    /// The context for work that outlives the request: same request ID, no session, no user, and of
    /// the values only those that [reach beyond](Reach::Beyond).
    ///
    /// The user is still named, by [`on_behalf_of`](Self::on_behalf_of), so that a log line or an
    /// audit record can say whose request began the work; it gives no authority. The detached
    /// context holds no reference to this one. Detaching again changes nothing.
    ///
    /// ```
    /// use request_context::RequestContext;
    ///
    /// let context = RequestContext::builder().user("ada".parse()?).build();
    /// let detached = context.detach();
    /// assert_eq!(detached.request_id(), context.request_id());
    /// assert!(detached.user().is_none());
    /// assert_eq!(detached.on_behalf_of(), context.user());
    /// # Ok::<_, request_context::InvalidId>(())
    /// ```
    #[must_use]
    pub fn detach(&self) -> Self {
        let record = self.record();
        Self::from_record(Record {
            request_id: record.request_id.clone(),
            session: None,
            user: None,
            on_behalf_of: match &record.user {
                Some(user) => Some(Box::new(user.clone())),
                None => record.on_behalf_of.clone(),
            },
            values: record.values.reaching(Reach::Beyond),
            #[cfg(feature = "tracing-layer")]
            user_digest: Memo::default(),
        })
    }
}
