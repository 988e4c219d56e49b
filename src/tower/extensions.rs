//! The context in the extensions of a request, for code on another task.

use crate::context::RequestContext;
use http::Extensions;
use std::error::Error;
use std::fmt;

impl RequestContext {
    /// The context of the request that these extensions belong to.
    ///
    /// The layer places it there, so that code which gets the request on another task, behind a
    /// `Buffer` or in a protocol loop, can enter it again. If that code already runs in a context of
    /// the same request, that is the one returned: it may know more, by a
    /// [sign-in](Self::sign_in).
    ///
    /// # Errors
    /// [`ExtensionsError`] if there is none, or if the code runs in the context of **another**
    /// request: whatever it did next would be done for the wrong one.
    pub fn of_request(extensions: &Extensions) -> Result<Self, ExtensionsError> {
        match (extensions.get::<Self>(), Self::try_current()) {
            (Some(placed), Ok(current)) if placed.is_same_request(&current) => Ok(current),
            (Some(_), Ok(_)) => Err(ExtensionsError { is_mismatch: true }),
            (Some(placed), Err(_)) => Ok(placed.since_sign_in()),
            (None, Ok(current)) => Ok(current),
            (None, Err(_)) => Err(ExtensionsError { is_mismatch: false }),
        }
    }
}

/// The request has no context, or not the one that the code runs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionsError {
    is_mismatch: bool,
}

impl ExtensionsError {
    /// Whether no layer made a context for the request.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        !self.is_mismatch
    }

    /// Whether the code runs in the context of another request.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        self.is_mismatch
    }
}

impl fmt::Display for ExtensionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_mismatch {
            "the code runs in the context of another request than the one at hand; \
             enter that of the request, from its extensions"
        } else {
            "the request has no `RequestContext`; \
             put `request_context::tower::RequestContextLayer` around the whole service"
        })
    }
}

impl Error for ExtensionsError {}
