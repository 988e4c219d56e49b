//! A session for each request: found by its token, kept through the whole request, told to the client.
//!
//! A session library that hands out a map and writes it back when the handler returns loses what a
//! stream or a task writes later, lets the last of two requests win, and brings a session back that
//! was logged out meanwhile. And where a login keeps the session that was there, the next user of the
//! browser reads what the one before has stored.
//!
//! [`SessionLayer`] puts a handle into the context instead,
//! [`Session::current`](crate::session::Session::current), of which every use goes to the store at
//! once. It works wherever the context is carried to, also long after the response: in tasks, bodies,
//! WebSockets. After a logout, a rotation, the expiry or the deletion it is
//! [revoked](crate::session::SessionError::is_revoked), for requests in flight too, at their next use.
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use axum::routing::post;
//! use request_context::axum::SessionRejection;
//! use request_context::session::{MemoryStore, Session, SessionValue, Sessions};
//! use request_context::tower::RequestContextLayer;
//! use request_context::tower::session::{Policy, SessionLayer, Transport};
//! use serde::{Deserialize, Serialize};
//! use tower::ServiceBuilder;
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Visits(u32);
//!
//! impl SessionValue for Visits {
//!     const KEY: &'static str = "visits";
//! }
//!
//! async fn visit(session: Session) -> Result<String, SessionRejection> {
//!     let visits = session.update(|Visits(visits)| { *visits += 1; *visits }).await?;
//!     Ok(format!("visit {visits}"))
//! }
//!
//! async fn log_in(session: Session) -> Result<String, SessionRejection> {
//!     // … verify the password, then: a new session with a new token, empty.
//!     let context = session.log_in("ada".parse().unwrap(), None).await?;
//!     Ok(context.scope(async { format!("hello {:?}", Session::current().owner()) }).await)
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let sessions = Sessions::new(MemoryStore::default());
//! let layers = ServiceBuilder::new()
//!     .layer(RequestContextLayer::new())
//!     .layer(SessionLayer::new(sessions, Transport::cookie(), Policy::browser()));
//! let routes = Router::new().route("/", get(visit)).route("/login", post(log_in));
//! let app: Router = Router::new().fallback_service(layers.service(routes)); // around all of them
//! # });
//! ```
//!
//! # What happens to a token
//!
//! | the request has | [`Policy::api`] | [`Policy::browser`] |
//! |---|---|---|
//! | no token | goes on; the first write makes a session | the same |
//! | the token of a session | goes on with it; that counts as a use, and is one round trip | the same |
//! | a token of no session: unknown, expired, logged out, rotated, malformed | 404; a cookie is removed | goes on without it; a cookie is removed |
//! | two tokens, or another scheme than `Bearer` | 401 | 401 |
//! | the token of another's session than it is authenticated for, or of another tenant's | 401 | goes on without it; the first write begins a session of its own, under a new token |
//! | the token of a session of nobody, and is authenticated | 401 | as with another's |
//! | a cookie, from a WebSocket of a page of another origin | 403 | 403 |
//! | any token, while the store cannot be asked or does not answer | 503 | 503 |
//! | no context around the layer | 500, and the log names the layer to add | the same |
//!
//! A refusal has a small JSON body with an `error` to compare: `session_not_found`,
//! `session_rejected`, `origin_not_allowed`, `session_unavailable`. gRPC and gRPC-Web get
//! `grpc-status` 5, 16, 7, 14 or 13 instead. The inner service is not called. A token that the crate
//! has not made is never adopted (session fixation).
//!
//! | transport | the token comes in | a new one goes out in | after a logout |
//! |---|---|---|---|
//! | [`Transport::header`] | `x-session-id` | `x-session-id` | the next request with it gets 404 |
//! | [`Transport::bearer`] | `Authorization: Bearer` | `x-session-id` | the same |
//! | [`Transport::cookie`] | `Cookie: __Host-id` | `Set-Cookie`, with `Secure`, `HttpOnly`, `SameSite`, `Path=/` | the cookie is removed |
//!
//! A response that has a new token, or removes a cookie, is `Cache-Control: no-store` (OWASP ASVS 5.0,
//! 14.3.2), and what it tells caches of one kind apart, such as `CDN-Cache-Control` (RFC 9213), is taken
//! off. Any other response in a session is `Cache-Control: private` unless the handler says something:
//! a cache that all users share must not keep what is one user's. A response outside of every session
//! has nothing of it.
//!
//! A layer further in, of the same [`Sessions`](crate::session::Sessions), shares the handle of the outer
//! one for requests that have no token of its transport.
//!
//! # Who the request is for
//! User and tenant are the session's: on the span, the log lines, in the response body and the hook at
//! the end, as after a [sign-in](crate::RequestContext::sign_in); so with a session of nobody, which
//! has an ID all the same. A session that the first write of a request begins is there from that write
//! on: on the span, in the body and the hook. The handler keeps the context that it runs in, and asks
//! for [one with the session](crate::session::Session::context) if it wants it. Where the `RequestContextLayer`
//! authenticates by itself, a session of somebody else is never shown. One that was begun by nobody is
//! not either, since who planted its token would share it. A browser goes on with a fresh one then,
//! which takes nothing along; an API is refused, and its client sends the request without the token, or
//! logs out first if that is a cookie.
//!
//! The token itself stays in this layer: the header that it came in, or that one cookie, is taken out
//! of the request, whether or not a session has it. Headers that hold it, in and out, are marked
//! sensitive, so that their `Debug` does not show it; a layer further **out** that logs headers sees
//! them before that.
//!
//! # When it is too late
//! A session cannot begin, rotate or log in once the head of the response is sent: the client could
//! never learn the token ([`is_too_late`](crate::session::SessionError::is_too_late)). Begin it
//! before, by a write, if a stream or a socket is to write into it. A rotation or login is refused then
//! before it has happened, and the session goes on; where the store is being asked at the moment that
//! the head is made, the head has the new token already, so that the client is not left with one that
//! is dead. A WebSocket whose handler answers
//! the handshake without a session, neither one that it came with nor one that it has begun, never
//! gets one.
//!
//! # Cookies and other sites
//! A browser sends the cookie along with what any site makes it ask. `SameSite` keeps it from what
//! other *sites* send (by default all but links), not from other hosts of the same site: whoever
//! controls a subdomain is inside. So:
//! - `GET` and `HEAD` must change nothing, or take [`SameSite::Strict`].
//! - If there are hosts of the same site that you do not trust, let a layer of its own check `Origin`
//!   or `Sec-Fetch-Site` on whatever changes something.
//! - For WebSockets, which `SameSite` and CORS do not protect reliably, this layer checks `Origin`
//!   (OWASP ASVS 5.0, 4.4.2): with the cookie, the page has to be of the server's own origin, or of
//!   one [allowed](SessionCookie::allowed_origins). A client that is no browser has to send `Origin`
//!   too, or takes another transport.
//! - `SameSite` does not protect the login itself, which needs no cookie: a page of another site may
//!   log the user in as somebody else (login CSRF), who then reads what the user stores. Have the
//!   handler of the login check `Origin` or `Sec-Fetch-Site` too, or take JSON only, which a form of
//!   another site cannot send.
//!
//! Two requests of a browser may cross: the one logs in or rotates, the other comes a moment later
//! with the old cookie and has it removed, the new one with it, if its response is the later one. Log
//! in by a navigation or wait for the response before asking for more.

mod body;
mod cookie;
mod exchange;
mod future;
mod layer;
mod policy;
mod refusal;
mod service;
mod transport;
mod websocket;

pub use body::SessionBody;
pub use cookie::SameSite;
pub use cookie::SessionCookie;
pub use future::SessionFuture;
pub use layer::SessionLayer;
pub use policy::Policy;
pub use service::SessionService;
pub use transport::Transport;
