//! A user who becomes known within a request.

use crate::context::Identity;
use crate::context::RequestContext;

impl RequestContext {
    /// Signs `identity` in, for the rest of the request that this context belongs to; returns the
    /// context for it.
    ///
    /// The session is that of the identity: one from before is not taken along. If another user was
    /// known, no value of that one stays either, but for those that the layer gives to all requests
    /// (OWASP ASVS 5.0, 7.2.4).
    ///
    /// Run the rest of the handler in that one. From now on the request's span has the user, and so
    /// have the response body and the [hook at the end](crate::tower::OnEnd). What runs already
    /// keeps the context that it has.
    ///
    /// ```
    /// use request_context::RequestContext;
    /// use request_context::tower::Identity;
    ///
    /// async fn log_in() {
    ///     // … verify the password, then:
    ///     let identity = Identity::new("ada".parse().unwrap());
    ///     RequestContext::current().sign_in(identity).scope(welcome()).await
    /// }
    ///
    /// async fn welcome() {
    ///     assert_eq!(RequestContext::current().user().unwrap().as_str(), "ada");
    /// }
    /// # futures::executor::block_on(RequestContext::new().scope(log_in()));
    /// ```
    #[must_use = "the rest of the request must run in the context returned"]
    pub fn sign_in(&self, identity: Identity) -> Self {
        let context = self.to_builder().identity(identity).build();
        self.liveness().sign_in(&context);
        context
    }

    /// Whether the request that this context belongs to is over: its response was handed over to
    /// the end, or given up. False for a context that no layer made, and always for a
    /// [detached](Self::detach) one: that work is to outlive the request.
    ///
    /// Of a WebSocket the request is its handshake: it is over once the response 101 is sent, and the
    /// socket lives on. Below a layer that is inside another one it is over when the outer one's is.
    ///
    /// Work that was started for the request can ask this to stop early.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.liveness().has_ended()
    }

    /// This context, with who has signed in since.
    pub(super) fn since_sign_in(&self) -> Self {
        self.if_signed_in(0).map_or_else(|| self.clone(), |(latest, _)| latest)
    }

    /// This context with who has signed in, if anyone has since so many sign-ins; and how many there
    /// are by now.
    #[inline]
    pub(super) fn if_signed_in(&self, since: u64) -> Option<(Self, u64)> {
        let (identity, sign_ins) = self.liveness().signed_in(since)?;
        Some((self.to_builder().exactly(identity).build(), sign_ins))
    }
}
