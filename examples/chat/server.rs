//! The server: each request runs in its own context, from the headers to the last byte of the body.

use crate::agent;
use crate::protocol::LoggedIn;
use crate::protocol::Login;
use crate::protocol::MAX_BODY_BYTES;
use crate::protocol::Message;
use crate::protocol::Rejection;
use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use request_context::RequestContext;
use request_context::axum::CurrentSession;
use request_context::session::Session;
use request_context::session::Sessions;
use request_context::tower::RequestContextLayer;
use request_context::tower::session::Policy;
use request_context::tower::session::SessionLayer;
use request_context::tower::session::Transport;
use tower::ServiceBuilder;

pub(crate) fn router(sessions: Sessions) -> Router {
    let routes = Router::new()
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .route("/chat", post(chat))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    // Around all routes, so that none is left out.
    let layers = ServiceBuilder::new().layer(RequestContextLayer::new()).layer(SessionLayer::new(
        sessions,
        Transport::header(),
        Policy::api(),
    ));
    Router::new().fallback_service(layers.service(routes))
}

/// A new session of the user, whose token goes out in the header `x-session-id`.
async fn log_in(session: Session, login: Login) -> Result<Json<LoggedIn>, Rejection> {
    let context = session.log_in(login.user, None).await?;
    let session = context.require_session()?;
    Ok(Json(LoggedIn { session: session.to_string() }))
}

/// The session is gone with all that it holds, for requests in flight too.
async fn log_out(session: Session) -> Result<StatusCode, Rejection> {
    session.log_out().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The session is asked for here to refuse who has none; who needs it below asks the context.
async fn chat(session: Option<CurrentSession>, message: Message) -> Result<Response, Rejection> {
    if session.is_none() || RequestContext::current().user().is_none() {
        return Err(Rejection::no_session());
    }
    let reply = agent::answer(message).await?;
    Ok(Response::new(Body::from_stream(reply)))
}
