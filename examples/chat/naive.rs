//! The same server as the incidents had it: who is served is kept where all requests share it.
//!
//! Every line here is what one writes for a single user, and with a single user all of it works.

use crate::conversation::Line;
use crate::protocol::LoggedIn;
use crate::protocol::Login;
use crate::protocol::MAX_BODY_BYTES;
use crate::protocol::Message;
use crate::protocol::Rejection;
use crate::protocol::SESSION_HEADER;
use crate::responder;
use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::extract::Request;
use axum::middleware;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::post;
use futures::Stream;
use request_context::RequestId;
use std::convert::Infallible;
use std::future::ready;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use tracing::Instrument;
use tracing::Span;
use tracing::info;
use tracing::info_span;

static CURRENT_SESSION: Mutex<String> = Mutex::new(String::new());
static CURRENT_USER: Mutex<String> = Mutex::new(String::new());
static SESSIONS: AtomicUsize = AtomicUsize::new(0);
static HISTORY: Mutex<Vec<Line>> = Mutex::new(Vec::new());

pub(crate) fn router() -> Router {
    Router::new()
        .route("/chat", post(chat))
        .route_layer(middleware::from_fn(set_current_user))
        .route("/login", post(log_in))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

async fn set_current_user(request: Request, next: Next) -> Result<Response, Rejection> {
    let session = request.headers().get(SESSION_HEADER).and_then(|value| value.to_str().ok());
    let (user, _) = session.and_then(|it| it.rsplit_once('-')).ok_or_else(Rejection::no_session)?;
    *lock(&CURRENT_SESSION) = session.unwrap_or_default().into();
    *lock(&CURRENT_USER) = user.into();
    let span = info_span!("request", request.id = %RequestId::new());
    Ok(next.run(request).instrument(span).await)
}

/// The token says who it is, and can be guessed.
async fn log_in(Login { user }: Login) -> ([(&'static str, String); 1], Json<LoggedIn>) {
    let session = format!("{user}-{}", SESSIONS.fetch_add(1, Ordering::Relaxed));
    ([(SESSION_HEADER, session.clone())], Json(LoggedIn { session }))
}

async fn chat(message: Message) -> Result<Response, Rejection> {
    log(&message, None, "message received");
    store(&message).await?;
    let text = think(&message).await?;
    Ok(Response::new(Body::from_stream(speak(message, &text))))
}

#[expect(clippy::disallowed_methods, reason = "the mistake that this module shows")]
async fn store(message: &Message) -> Result<(), Rejection> {
    let message = message.clone();
    let stored = tokio::task::spawn_blocking(move || {
        log(&message, Some("blocking"), "stored");
        lock(&HISTORY).push(Line::User(message.text));
    });
    Ok(stored.await?)
}

#[expect(clippy::disallowed_methods, reason = "the mistake that this module shows")]
async fn think(message: &Message) -> Result<String, Rejection> {
    let message = message.clone();
    let reply = tokio::spawn(async move {
        log(&message, Some("task"), "thought");
        responder::reply(&message.text, &lock(&HISTORY))
    });
    Ok(reply.await?)
}

fn speak(message: Message, text: &str) -> impl Stream<Item = Result<String, Infallible>> + use<> {
    responder::stream_words(text, move |sent, _| {
        log(&message, Some("stream"), "spoken");
        lock(&HISTORY).push(Line::Reply(sent));
        ready(())
    })
}

/// Writes a log line for the current session and user, in whatever span this code runs in: the
/// span of the request is all the context that there is.
fn log(message: &Message, work: Option<&str>, what: &str) {
    let (session, user) = (lock(&CURRENT_SESSION).clone(), lock(&CURRENT_USER).clone());
    let in_context = !Span::current().is_none();
    info!(
        session.id = session,
        user.id = user,
        message_id = message.id,
        work,
        in_context,
        "{what}"
    );
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
