//! A request's whole life: one layer around an HTTP service, and one for the calls that it makes.
//!
//! A task-local that is scoped around the handler's future misses much of a request: a middleware's
//! synchronous `call`, every frame of the response body, which the server polls after the handler
//! has returned, and the destructors that run when the client goes away. [`RequestContextLayer`]
//! covers all of it, over HTTP/1 and HTTP/2, and has one order, so there is none to get wrong:
//!
//! 1. **Request ID**: made, or taken from a peer that is [trusted](RequestContextLayer::trust_request_id).
//! 2. **Authenticate**: by a function [of the user's](RequestContextLayer::authenticate), already in
//!    a context with the request ID.
//! 3. **Context**: with the [`Identity`] found, and the values that [the layer
//!    adds](RequestContextLayer::insert); also placed in the request's extensions.
//! 4. **Scope and span**: the inner service's `call`, its future, and the response body: `poll_frame`,
//!    `is_end_stream`, `size_hint`, and drop.
//! 5. **Echo**: the request ID on every response, unless the handler set the header.
//!
//! A request that is refused, with 401 or 503, is answered in its own terms: gRPC and gRPC-Web get a
//! response 200 of their content type with `grpc-status` 16 or 14 in the headers. For a browser's
//! script to read that from another origin, a CORS layer has to expose `grpc-status`. How a client is
//! asked to authenticate is said by the authenticator, and by a [`Challenge`] for the
//! extractors of axum.
//!
//! At the end the [hook](RequestContextLayer::on_end) is told, once, how the request ended.
//!
//! Put the layer **outermost**. A response that is made further out (by a layer that catches panics,
//! sheds load, or times out around it) has neither ID nor context. What was handed to the server is
//! out of the context too: the data of a frame that the body gave, and the response's headers and
//! extensions, are dropped wherever the server drops them. The request, until the inner service has
//! it, the inner future and the response body are always dropped inside.
//!
//! A second layer further in, around a part of the routes, is of the same request: it has the ID of
//! the outer one and its user, session and values, and adds its own values; if it authenticates, whom
//! it finds is [signed in](crate::RequestContext::sign_in) for the outer one too. Its hook is told of
//! its part; the request [ends](crate::RequestContext::has_ended) with the outer one. All that holds
//! on another task too, behind a `Buffer`.
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use request_context::RequestContext;
//! use request_context::tower::Authentication;
//! use request_context::tower::Identity;
//! use request_context::tower::RequestContextLayer;
//! use request_context::tower::bearer_token;
//! use tower::Layer;
//!
//! let layer = RequestContextLayer::new().authenticate(|parts: &http::request::Parts| {
//!     let token = bearer_token(&parts.headers).map(|token| token.map(str::to_owned));
//!     async move {
//!         match token {
//!             Ok(Some(token)) if token == "ada's" => {
//!                 Authentication::Identified(Identity::new("ada".parse().unwrap()))
//!             }
//!             Ok(None) => Authentication::Anonymous,
//!             _ => Authentication::rejected(),
//!         }
//!     }
//! });
//! let app: Router = Router::new().route("/", get(|| async {
//!     format!("hello {:?}", RequestContext::current().user())
//! }));
//! // Around the finished router: `Router::layer` would leave routes that are added later out. Inside
//! // another one it is a router again, as `axum::serve` wants it.
//! let app: Router = Router::new().fallback_service(layer.layer(app));
//! ```

mod authenticate;
mod authorization;
mod body;
mod challenge;
pub mod client;
mod end_hook;
mod extensions;
mod future;
mod head;
#[cfg(feature = "tower-jwt")]
pub mod jwt;
mod layer;
mod rejection;
mod request_id;
mod request_span;
mod service;
#[cfg(feature = "tower-session")]
pub mod session;
mod sign_in;
mod trace_parent;

pub use crate::context::Identity;
pub use authenticate::Anonymous;
pub use authenticate::Authenticate;
pub use authenticate::AuthenticateWith;
pub use authenticate::Authentication;
pub use authenticate::Identify;
pub use authorization::AuthorizationError;
pub use authorization::bearer_token;
pub use body::RequestContextBody;
pub use challenge::Challenge;
pub use end_hook::EndOfRequest;
pub use end_hook::EndReason;
pub use end_hook::NoHook;
pub use end_hook::OnEnd;
pub use extensions::ExtensionsError;
pub use future::RequestContextFuture;
pub use layer::RequestContextLayer;
#[cfg(feature = "axum")]
pub(crate) use rejection::Protocol;
#[cfg(feature = "axum")]
pub(crate) use service::Probe;
pub use service::RequestContextService;
pub use trace_parent::TraceParent;
