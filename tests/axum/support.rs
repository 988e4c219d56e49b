//! A layer that knows its users by token, a router inside it, requests to it, and the log.

use crate::logged_lines::LoggedLines;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::Method;
use http::StatusCode;
use http::request::Parts;
use http_body_util::BodyExt;
use request_context::LogLayer;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use request_context::tower::bearer_token;
use serde_json::Value;
use std::cell::Cell;
use std::future::Future;
use std::future::ready;
use std::time::Duration;
use tokio::time::timeout;
use tower::Layer;
use tower::ServiceExt;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

/// The router, finished, in the layer: `Bearer ada` is the user ada, `Bearer ada.7` is ada in the
/// session 7, `Bearer wrong` is rejected.
pub(crate) fn in_layer(router: Router) -> Router {
    let layer = RequestContextLayer::new().authenticate(by_token);
    Router::new().fallback_service(layer.layer(router))
}

fn by_token(parts: &Parts) -> impl Future<Output = Authentication> + Send + use<> {
    ready(match bearer_token(&parts.headers) {
        Ok(None) => Authentication::Anonymous,
        Ok(Some(token)) if token != "wrong" => {
            let (user, session) = token.split_once('.').unwrap_or((token, ""));
            let identity = Identity::new(user.parse().unwrap());
            Authentication::Identified(match session.parse() {
                Ok(session) => identity.session(session),
                Err(_) => identity,
            })
        }
        _ => Authentication::rejected(),
    })
}

/// Waits for what comes at once, if it comes.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(60), future).await.expect("waited in vain")
}

/// The user of the context that this runs in.
pub(crate) fn here() -> String {
    match RequestContext::try_current() {
        Ok(context) => context.user().map_or("nobody", |user| user.as_str()).to_owned(),
        Err(_) => "outside".to_owned(),
    }
}

/// A middleware that hands the request on in the context of another request, that of `eve`.
pub(crate) async fn as_eve(request: Request, next: Next) -> Response {
    eve().scope(next.run(request)).await
}

pub(crate) fn eve() -> RequestContext {
    let (user, session) = ("eve".parse().unwrap(), "e".parse().unwrap());
    RequestContext::builder().user(user).session(session).build()
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get("x-request-id").map(|value| value.to_str().unwrap())
    }
}

/// Sends a request without a body, with the token if it is not empty.
pub(crate) async fn send(app: &Router, method: Method, path: &str, token: &str) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    reply(app, request.body(Body::empty()).unwrap()).await
}

pub(crate) async fn get(app: &Router, path: &str, token: &str) -> Reply {
    send(app, Method::GET, path, token).await
}

pub(crate) async fn reply(app: &Router, request: Request) -> Reply {
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.into()).unwrap();
    Reply { status: parts.status, headers: parts.headers, body }
}

/// What this thread logs as long as the log is held.
pub(crate) struct Log {
    lines: LoggedLines,
    taken: Cell<usize>,
    _guard: DefaultGuard,
}

impl Log {
    pub(crate) fn start() -> Self {
        let lines = LoggedLines::default();
        let layer = LogLayer::json().with_writer(lines.clone());
        let subscriber = tracing_subscriber::registry().with(LevelFilter::INFO).with(layer);
        Self { lines, taken: Cell::new(0), _guard: subscriber.set_default() }
    }

    /// The lines since the last call.
    pub(crate) fn take(&self) -> Vec<Value> {
        let mut lines = self.lines.all();
        lines.split_off(self.taken.replace(lines.len()))
    }
}
