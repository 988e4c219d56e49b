//! [`ClientError`]: the call was not made, or it failed.

use super::identity_header::BoxError;
use crate::context::NoContext;
use crate::tower::ExtensionsError;
use http::HeaderName;
use std::error::Error;
use std::fmt;

/// An outgoing call that was refused before it was made, or that failed with an `E`.
///
/// An error and no panic: where a call is made there is always someone who handles its failure, and
/// a panic on the task of a `Buffer` would end it for everyone.
#[derive(Debug)]
pub struct ClientError<E> {
    kind: Kind<E>,
}

#[derive(Debug)]
enum Kind<E> {
    Refused(Refusal),
    Inner(E),
}

/// Why a request was not sent.
#[derive(Debug)]
pub(super) enum Refusal {
    OutsideScope(NoContext),
    OtherRequest(ExtensionsError),
    UnknownOrigin,
    IdentityIsSet(HeaderName),
    NoIdentity { header: HeaderName, source: BoxError },
}

impl<E> ClientError<E> {
    pub(super) fn refused(refusal: Refusal) -> Self {
        Self { kind: Kind::Refused(refusal) }
    }

    pub(super) fn inner(error: E) -> Self {
        Self { kind: Kind::Inner(error) }
    }

    /// Whether it was refused because the code that called runs outside every scope.
    #[must_use]
    pub fn is_outside_scope(&self) -> bool {
        matches!(self.kind, Kind::Refused(Refusal::OutsideScope(_)))
    }

    /// Whether it was refused because the request at hand has the context of another request in
    /// its extensions than the one that the code runs in.
    #[must_use]
    pub fn is_other_request(&self) -> bool {
        matches!(self.kind, Kind::Refused(Refusal::OtherRequest(_)))
    }

    /// Whether it was refused because the layer sends identities and the URI does not tell to whom:
    /// it is relative, or has a user name, or is neither `http` nor `https`.
    #[must_use]
    pub fn is_unknown_origin(&self) -> bool {
        matches!(self.kind, Kind::Refused(Refusal::UnknownOrigin))
    }

    /// Whether it was refused because the request has a header already in which the layer would send
    /// an identity there: forwarded from a client, perhaps, who named someone else.
    #[must_use]
    pub fn is_identity_set(&self) -> bool {
        matches!(self.kind, Kind::Refused(Refusal::IdentityIsSet(_)))
    }

    /// Whether it was refused because the identity could not be made, or could not be sent as it is.
    #[must_use]
    pub fn is_no_identity(&self) -> bool {
        matches!(self.kind, Kind::Refused(Refusal::NoIdentity { .. }))
    }

    /// The error of the inner service, if the call was made.
    #[must_use]
    pub fn get_inner(&self) -> Option<&E> {
        match &self.kind {
            Kind::Inner(error) => Some(error),
            Kind::Refused(_) => None,
        }
    }

    /// The error of the inner service.
    ///
    /// # Errors
    /// The error itself, if the call was not made.
    pub fn into_inner(self) -> Result<E, Self> {
        match self.kind {
            Kind::Inner(error) => Ok(error),
            Kind::Refused(_) => Err(self),
        }
    }
}

impl<E: Into<BoxError>> ClientError<E> {
    /// The error in a box, the inner service's as it is: for `map_err`, where that one is a box
    /// already, as a `Buffer`'s, and so no [`Error`] itself.
    #[must_use]
    pub fn into_boxed(self) -> BoxError {
        match self.kind {
            Kind::Inner(error) => error.into(),
            Kind::Refused(refusal) => Box::new(refusal.into_error()),
        }
    }
}

impl Refusal {
    /// An error that says no more than this; the service has none to add.
    fn into_error(self) -> ClientError<std::convert::Infallible> {
        ClientError::refused(self)
    }
}

impl<E> fmt::Display for ClientError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Inner(_) => f.write_str("the outgoing call failed"),
            Kind::Refused(Refusal::OutsideScope(_)) => f.write_str(
                "the outgoing call is made outside every request's scope, so it was not sent; \
                 make it in a scope, put `ClientLayer` outside a `Buffer`, which calls on a task \
                 of its own, or allow it with `ClientLayer::anonymous`",
            ),
            Kind::Refused(Refusal::OtherRequest(_)) => f.write_str(
                "the outgoing request has the context of another request in its extensions than \
                 the one that calls, so it was not sent; \
                 call in that context, or take it out of the extensions",
            ),
            Kind::Refused(Refusal::UnknownOrigin) => f.write_str(
                "the URI of the outgoing request does not tell its origin, so it was not sent; \
                 `ClientLayer::identity` needs `http://host/…` or `https://host/…`, \
                 as tonic's clients make `with_origin`",
            ),
            Kind::Refused(Refusal::IdentityIsSet(header)) => write!(
                f,
                "the outgoing request has the header `{header}` already, which is for the identity, \
                 so it was not sent; take it out, or call through a client without that identity"
            ),
            Kind::Refused(Refusal::NoIdentity { header, .. }) => write!(
                f,
                "the identity for the header `{header}` could not be made, \
                 so the outgoing request was not sent; let the function return `None` \
                 for a call that is to go without",
            ),
        }
    }
}

impl<E: Error + 'static> Error for ClientError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Inner(error) => Some(error),
            Kind::Refused(Refusal::OutsideScope(error)) => Some(error),
            Kind::Refused(Refusal::OtherRequest(error)) => Some(error),
            Kind::Refused(Refusal::UnknownOrigin | Refusal::IdentityIsSet(_)) => None,
            Kind::Refused(Refusal::NoIdentity { source, .. }) => Some(&**source),
        }
    }
}
