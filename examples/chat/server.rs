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
use axum::extract::Request;
use axum::extract::State;
use axum::middleware;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::post;
use request_context::ContextBodyExt;
use request_context::ContextExt;
use request_context::RequestContext;
use std::sync::Arc;
use tracing::Instrument;

pub(crate) fn router() -> Router {
    Router::new()
        .route("/chat", post(chat))
        .route_layer(middleware::from_fn(in_request_context))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(Conversations::default()))
}

/// Makes the context of the request, and runs the handler and the response body in it.
async fn in_request_context(request: Request, next: Next) -> Result<Response, Rejection> {
    let (session, user) = protocol::sender(request.headers())?;
    let context = RequestContext::builder().session(session).user(user).build();
    let span = context.span();
    let response = async {
        // The server polls the body after this function has returned, so the body takes along what
        // is current here.
        next.run(request).await.map(|body| Body::new(body.in_current_context()))
    };
    Ok(response.instrument(span).in_context(context).await)
}

async fn chat(
    State(conversations): State<Arc<Conversations>>,
    message: Message,
) -> Result<Response, Rejection> {
    let reply = agent::answer(conversations, message).await?;
    Ok(Response::new(Body::from_stream(reply)))
}
