//! What is left of a context in work that outlives its request.

use crate::context::Reach;
use crate::context::RequestContext;
use crate::context::request_context::Parts;
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
        let Record { request_id, parts } = self.record();
        Self::from_record(Record {
            request_id: request_id.clone(),
            parts: Parts {
                on_behalf_of: match &parts.user {
                    Some(user) => Some(Box::new(user.clone())),
                    None => parts.on_behalf_of.clone(),
                },
                values: parts.values.reaching(Reach::Beyond),
                ..Parts::default()
            },
        })
    }
}
