//! axum handlers that ask for the context by type, and the test that none of them lacks it.
//!
//! With a [`RequestContextLayer`](crate::tower::RequestContextLayer) around the finished `Router`,
//! any code of a request can call [`RequestContext::current`](crate::RequestContext::current). An
//! extractor says in the signature of a handler what the handler cannot do without:
//!
//! | extractor | gives | without it |
//! |---|---|---|
//! | [`RequestContext`](crate::RequestContext) | the whole context | |
//! | [`RequestId`](crate::RequestId) | the ID of the request | |
//! | [`CurrentUser`] | the user | 401; `None` for `Option<CurrentUser>` |
//! | [`CurrentSession`] | the session | 401; `None` for `Option<CurrentSession>` |
//! | `session::Session` | a handle to the session, which the first write makes if there is none yet | |
//! | `ContextWebSocketUpgrade` | axum's `WebSocketUpgrade`, carried | axum's rejection |
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use http::Method;
//! use request_context::axum::CurrentUser;
//! use request_context::axum::uncovered;
//! use request_context::tower::RequestContextLayer;
//! use tower::Layer;
//!
//! async fn inbox(CurrentUser(user): CurrentUser) -> String {
//!     format!("the inbox of {user}")
//! }
//!
//! async fn front_page(user: Option<CurrentUser>) -> String {
//!     user.map_or("please sign in".into(), |user| format!("hello {}", user.as_str()))
//! }
//!
//! let router = Router::new().route("/inbox", get(inbox)).route("/", get(front_page));
//! let app = RequestContextLayer::new().layer(router);
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//!
//! // In a test:
//! let routes = [(Method::GET, "/"), (Method::GET, "/inbox")];
//! assert!(uncovered(app, routes).await.is_empty());
//! # });
//! ```
//!
//! # Without the layer
//! Every extractor then fails with 500, also an `Option`, and so it does where the code runs in the
//! context of **another** request: that is a fault of the server, never 401. The client is told
//! nothing. The log is, by an event at level ERROR (feature `tracing`) that names the layer to add
//! and where, and the request's method and path (below `Router::nest`, what is left of the path
//! there). Only `Option<RequestContext>` and `Option<RequestId>` are `None` without a layer: that is
//! what they ask.
//!
//! # How a client is told
//! A 401 has the challenge that the layer [was given](crate::tower::Challenge), `Bearer` if none. A
//! request whose content type is `application/grpc` or `application/grpc-web` is answered in those
//! terms: 200, with `grpc-status` 16 for 401, and 13 for 500.
//!
//! To answer differently, take `Result<CurrentUser, IdentityRejection>` in the handler.

mod current_session;
mod current_user;
mod rejection;
mod request_context;
mod request_id;
#[cfg(feature = "tower-session")]
mod session;
mod uncovered;
#[cfg(feature = "axum-ws")]
mod ws;

pub use current_session::CurrentSession;
pub use current_user::CurrentUser;
pub use rejection::ContextRejection;
#[cfg(feature = "axum-ws")]
pub use rejection::ContextWebSocketUpgradeRejection;
pub use rejection::IdentityRejection;
#[cfg(feature = "tower-session")]
pub use session::SessionRejection;
pub use uncovered::uncovered;
#[cfg(feature = "axum-ws")]
pub use ws::ContextWebSocketUpgrade;
