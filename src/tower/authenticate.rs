//! Who a request is for: asked of the user, once per request.

use super::authorization::is_repeated;
use super::challenge::Challenge;
use crate::context::Identity;
use http::HeaderValue;
use http::request::Parts;
use std::future::Ready;
use std::sync::Arc;

/// Finds out who a request is for, from its head.
///
/// The future owns what it needs: take it out of `parts` before. It runs in a context that has the
/// request ID and the layer's values, and no user yet but that of a layer further out. Any
/// `Fn(&Parts) -> impl Future` is one.
///
/// Put a timeout into one that may take long, and answer [`Unavailable`](Authentication::Unavailable)
/// by it: until then the request holds what the inner service's readiness reserved, and hyper over
/// HTTP/1 does not notice a client that leaves while the request has an unread body.
///
/// User and tenant never come from what a client may write into a header as it likes; verify a
/// credential.
pub trait Authenticate {
    /// The answer to come.
    type Future: Future<Output = Authentication> + Send;

    /// Begins to authenticate the request.
    fn authenticate(&self, parts: &Parts) -> Self::Future;
}

impl<F, R> Authenticate for F
where
    F: Fn(&Parts) -> R,
    R: Future<Output = Authentication> + Send,
{
    type Future = R;

    fn authenticate(&self, parts: &Parts) -> R {
        self(parts)
    }
}

/// What came of authentication. There is no way to go on after a failure.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// The request is for this identity.
    Identified(Identity),
    /// There was no credential; the request goes on without a user, or with that of a layer further
    /// out.
    Anonymous,
    /// The credential is not accepted: the client gets 401 with this `WWW-Authenticate`, or
    /// `grpc-status` 16. The inner service is not called.
    Rejected(HeaderValue),
    /// It could not be found out: the client gets 503, or `grpc-status` 14. The inner service is
    /// not called.
    Unavailable,
}

impl Authentication {
    /// Rejected, with the challenge of RFC 6750 for a bearer token that is not accepted.
    #[must_use]
    pub const fn rejected() -> Self {
        Self::Rejected(Challenge::INVALID_TOKEN)
    }
}

/// How a [`RequestContextLayer`](super::RequestContextLayer) authenticates: [`Anonymous`] or
/// [`AuthenticateWith`]. Not for implementing.
pub trait Identify: Clone + sealed::Sealed {
    /// The answer to come.
    type Future: Future<Output = Authentication> + Send;

    /// Whether it asks at all: a request that nobody asks about stays in one piece.
    #[doc(hidden)]
    const ASKS: bool = true;

    /// The first step, which may be the last.
    #[doc(hidden)]
    fn identify(&self, parts: &Parts) -> Step<Self::Future>;
}

#[doc(hidden)]
#[derive(Debug)]
pub enum Step<F> {
    Now(Authentication),
    Ask(F),
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Anonymous {}
    impl<A> Sealed for super::AuthenticateWith<A> {}
}

/// No authentication: every request is anonymous until someone
/// [signs in](crate::RequestContext::sign_in).
#[derive(Clone, Copy, Debug, Default)]
pub struct Anonymous;

impl Identify for Anonymous {
    type Future = Ready<Authentication>;

    const ASKS: bool = false;

    fn identify(&self, _: &Parts) -> Step<Self::Future> {
        Step::Now(Authentication::Anonymous)
    }
}

/// Authentication by an [`Authenticate`] of the user's.
#[derive(Debug)]
pub struct AuthenticateWith<A>(pub(super) Arc<A>);

impl<A> Clone for AuthenticateWith<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Authenticate> Identify for AuthenticateWith<A> {
    type Future = A::Future;

    fn identify(&self, parts: &Parts) -> Step<A::Future> {
        if is_repeated(&parts.headers) {
            return Step::Now(Authentication::Rejected(Challenge::INVALID_REQUEST));
        }
        Step::Ask(self.0.authenticate(parts))
    }
}
