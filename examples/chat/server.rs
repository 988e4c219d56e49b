//! The server: each request runs in its own context, from the headers to the last byte of the body.

use crate::agent;
use crate::conversation::Conversations;
use crate::protocol;
use crate::protocol::MAX_BODY_BYTES;
use crate::protocol::Message;
use crate::protocol::Rejection;
use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use request_context::axum::CurrentSession;
use request_context::tower::RequestContextLayer;
use std::sync::Arc;
use tower::Layer;

pub(crate) fn router() -> Router {
    let routes = Router::new()
        .route("/chat", post(chat))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(Conversations::default()));
    // Around all routes, so that none is left out.
    let layer = RequestContextLayer::new().authenticate(protocol::authenticate);
    Router::new().fallback_service(layer.layer(routes))
}

/// The session is asked for here to refuse who has none; who needs it below asks the context.
async fn chat(
    _: CurrentSession,
    State(conversations): State<Arc<Conversations>>,
    message: Message,
) -> Result<Response, Rejection> {
    let reply = agent::answer(conversations, message).await?;
    Ok(Response::new(Body::from_stream(reply)))
}
