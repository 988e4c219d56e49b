//! [`Session`] as an extractor, and what a handler answers where a session fails.

use super::rejection::ContextRejection;
use super::request_context::context_of;
use crate::context::RequestContext;
use crate::session::Session;
use crate::session::SessionError;
use crate::tower::Challenge;
use crate::tower::Protocol;
use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::IntoResponse;
use axum_core::response::Response;
use http::HeaderValue;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::request::Parts;
use std::error::Error;
use std::fmt;

/// As [`Session::current`]; the handle works in the context of the request. A request without a
/// session has one too: the first write makes the session.
///
/// ```
/// use request_context::axum::SessionRejection;
/// use request_context::session::ListName;
/// use request_context::session::Session;
///
/// const NOTES: ListName = ListName::literal("notes");
///
/// async fn add_note(session: Session, note: String) -> Result<(), SessionRejection> {
///     session.append(&NOTES, &note).await?;
///     Ok(())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(add_note));
/// ```
///
/// # Errors
/// [`SessionRejection`], where no [`SessionLayer`](crate::tower::session::SessionLayer) stands around
/// the route.
impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionRejection> {
        let context = context_of(parts)?;
        let session = context.get().cloned();
        session.ok_or_else(|| SessionRejection::no_layer(parts))
    }
}

/// A session failed, or the request has none.
///
/// | why | response |
/// |---|---|
/// | it is over, or somebody else's | 401 with the [`Challenge`] of the context |
/// | it is full | 507 |
/// | the store is not there, or others wrote each time before | 503 |
/// | a fault of the server: no layer, a wrong context, too late, malformed data | 500, and the log has it (feature `tracing`) |
///
/// The body is empty. One that is made from a [`SessionError`], by `?` in a handler, does not know its
/// request: it speaks plain HTTP.
#[derive(Debug)]
pub struct SessionRejection {
    why: Why,
}

#[derive(Debug)]
enum Why {
    Failed(SessionError, Challenge),
    NoLayer(Protocol),
    Context(ContextRejection),
}

impl SessionRejection {
    fn no_layer(parts: &Parts) -> Self {
        let rejection = Self { why: Why::NoLayer(Protocol::of(parts)) };
        log(&rejection);
        rejection
    }

    /// What the session failed with; if nothing, the fault is the server's.
    #[must_use]
    pub fn session_error(&self) -> Option<&SessionError> {
        match &self.why {
            Why::Failed(error, _) => Some(error),
            Why::NoLayer(_) | Why::Context(_) => None,
        }
    }
}

impl From<SessionError> for SessionRejection {
    fn from(error: SessionError) -> Self {
        let challenge = RequestContext::try_with(Challenge::of).unwrap_or_default();
        let is_servers_fault = status_of(&error) == StatusCode::INTERNAL_SERVER_ERROR;
        let rejection = Self { why: Why::Failed(error, challenge) };
        if is_servers_fault {
            log(&rejection);
        }
        rejection
    }
}

impl From<ContextRejection> for SessionRejection {
    fn from(rejection: ContextRejection) -> Self {
        Self { why: Why::Context(rejection) }
    }
}

fn status_of(error: &SessionError) -> StatusCode {
    if error.is_revoked() || error.is_owner_mismatch() {
        StatusCode::UNAUTHORIZED
    } else if error.is_capacity() {
        StatusCode::INSUFFICIENT_STORAGE
    } else if error.is_unavailable() || error.is_in_doubt() || error.is_contended() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}

#[cfg(feature = "tracing")]
fn log(rejection: &SessionRejection) {
    let source = rejection.source().map(tracing::field::display);
    tracing::error!(error.source = source, "{rejection}");
}

#[cfg(not(feature = "tracing"))]
fn log(_: &SessionRejection) {}

impl fmt::Display for SessionRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Failed(error, _) => error.fmt(f),
            Why::NoLayer(_) => f.write_str(
                "an extractor found no `Session`; \
                 put `request_context::tower::session::SessionLayer` around the finished `Router`, \
                 inside the `RequestContextLayer`",
            ),
            Why::Context(rejection) => rejection.fmt(f),
        }
    }
}

impl Error for SessionRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.why {
            Why::Failed(error, _) => error.source(),
            Why::NoLayer(_) => None,
            Why::Context(rejection) => rejection.source(),
        }
    }
}

impl IntoResponse for SessionRejection {
    fn into_response(self) -> Response {
        let (error, challenge) = match self.why {
            Why::Failed(error, challenge) => (error, challenge),
            Why::NoLayer(protocol) => return protocol.internal().map(|()| Body::empty()),
            Why::Context(rejection) => return rejection.into_response(),
        };
        let status = status_of(&error);
        if status == StatusCode::UNAUTHORIZED {
            return Protocol::Http.unauthorized(challenge.into()).map(|()| Body::empty());
        }
        let no_store = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        (status, no_store).into_response()
    }
}
