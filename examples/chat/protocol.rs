//! What a client sends, and what it is told when the server refuses.

use crate::conversation::ConversationError;
use axum::Json;
use axum::extract::FromRequest;
use axum::extract::Request;
use axum::extract::rejection::JsonRejection;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use axum::response::Response;
use request_context::InvalidId;
use request_context::SessionId;
use request_context::UserId;
use request_context::tower::Authentication;
use request_context::tower::Identity;
use serde::Deserialize;
use std::future::Ready;
use std::future::ready;
use tokio::task::JoinError;

pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;
const MAX_MESSAGE_ID_BYTES: usize = 64;
const SESSION_HEADER: &str = "x-session-id";

/// The body of `POST /chat`.
#[derive(Clone, Deserialize)]
pub(crate) struct Message {
    #[serde(rename = "message")]
    pub(crate) text: String,
    /// The client's own name for this message. It travels with the message, as data does, so that
    /// the driver can compare it with what a log line says of the request.
    pub(crate) id: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for Message {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let Json(message) = Json::<Self>::from_request(request, state).await?;
        if message.text.trim().is_empty() {
            return Err(Rejection::bad_request("`message` is empty: say something"));
        }
        if message.id.as_ref().is_some_and(|id| id.len() > MAX_MESSAGE_ID_BYTES) {
            let limit = format!("`id` may have {MAX_MESSAGE_ID_BYTES} bytes at most");
            return Err(Rejection::bad_request(limit));
        }
        Ok(message)
    }
}

/// Who sent the request.
///
/// A stand-in: the header is believed, and the user is the part of it before the first dot, so that
/// `ada.phone` and `ada.laptop` are two sessions of the user `ada`. A real server looks up a secret
/// token in a session store, and learns both from there.
pub(crate) fn sender(headers: &HeaderMap) -> Result<(SessionId, UserId), Rejection> {
    let header = headers.get(SESSION_HEADER).ok_or_else(Rejection::no_session)?;
    let text = header.to_str().map_err(|_| Rejection::bad_session("it is not plain ASCII"))?;
    let user = text.split('.').next().unwrap_or(text);
    let invalid = |error: InvalidId| Rejection::bad_session(&error.to_string());
    Ok((text.parse().map_err(invalid)?, user.parse().map_err(invalid)?))
}

/// Who sent the request, as the layer asks it. No header is no user; a header that is no session is
/// not the same, and ends the request.
pub(crate) fn authenticate(parts: &Parts) -> Ready<Authentication> {
    ready(match sender(&parts.headers) {
        Ok((session, user)) => Authentication::Identified(Identity::new(user).session(session)),
        Err(_) if !parts.headers.contains_key(SESSION_HEADER) => Authentication::Anonymous,
        Err(_) => Authentication::Rejected(HeaderValue::from_static("Session")),
    })
}

/// Why there is no reply: a status, and a JSON object that says it in words.
#[derive(Debug)]
pub(crate) struct Rejection {
    status: StatusCode,
    error: String,
}

impl Rejection {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into() }
    }

    fn bad_request(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    fn bad_session(reason: &str) -> Self {
        Self::bad_request(format!("the header `{SESSION_HEADER}` is no session: {reason}"))
    }

    fn no_session() -> Self {
        let error =
            format!("there is no session: send a header like `{SESSION_HEADER}: ada.phone`");
        Self::new(StatusCode::UNAUTHORIZED, error)
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.error });
        (self.status, Json(body)).into_response()
    }
}

impl From<JsonRejection> for Rejection {
    fn from(error: JsonRejection) -> Self {
        Self::new(error.status(), error.body_text())
    }
}

impl From<ConversationError> for Rejection {
    fn from(error: ConversationError) -> Self {
        let status = match error {
            ConversationError::NoSession(_) => StatusCode::UNAUTHORIZED,
            ConversationError::Full => StatusCode::TOO_MANY_REQUESTS,
            ConversationError::TooManySessions => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error.to_string())
    }
}

impl From<JoinError> for Rejection {
    /// The panic itself is in the panic report, which names the request.
    fn from(_: JoinError) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the reply could not be made")
    }
}
