//! What a client sends, and what it is told when the server refuses.

use axum::Json;
use axum::extract::FromRequest;
use axum::extract::Request;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use request_context::MissingIdentity;
use request_context::UserId;
use request_context::session::SessionError;
use serde::Deserialize;
use serde::Serialize;
use std::error::Error;
use tokio::task::JoinError;
use tracing::warn;

pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;
const MAX_MESSAGE_ID_BYTES: usize = 64;
pub(crate) const SESSION_HEADER: &str = "x-session-id";

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

/// The body of `POST /login`. A stand-in: a real server asks for a password, or for what an identity
/// provider says.
pub(crate) struct Login {
    pub(crate) user: UserId,
}

impl<S: Send + Sync> FromRequest<S> for Login {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        #[derive(Deserialize)]
        struct Text {
            user: String,
        }
        let Json(Text { user }) = Json::from_request(request, state).await?;
        let user = user.parse();
        Ok(Self { user: user.map_err(|error| Rejection::bad_request(format!("`user`: {error}")))? })
    }
}

/// What the answer to a login tells, beside the token in its header: the public handle of the
/// session, as it is in the log.
#[derive(Serialize)]
pub(crate) struct LoggedIn {
    pub(crate) session: String,
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

    pub(crate) fn no_session() -> Self {
        let error = format!(
            "there is no session: log in by `POST /login`, and send the header `{SESSION_HEADER}` \
             of the answer"
        );
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

impl From<MissingIdentity> for Rejection {
    fn from(_: MissingIdentity) -> Self {
        Self::no_session()
    }
}

impl From<SessionError> for Rejection {
    fn from(error: SessionError) -> Self {
        let status = match () {
            () if error.is_revoked() => StatusCode::UNAUTHORIZED,
            () if error.is_capacity() => StatusCode::INSUFFICIENT_STORAGE,
            () if error.is_unavailable() || error.is_in_doubt() || error.is_contended() => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            () => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            let source = error.source().map(tracing::field::display);
            warn!(%error, error.source = source, status = status.as_u16(), "the session failed");
        }
        Self::new(status, error.to_string())
    }
}

impl From<JoinError> for Rejection {
    /// The panic itself is in the panic report, which names the request.
    fn from(_: JoinError) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the reply could not be made")
    }
}
