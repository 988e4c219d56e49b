//! The way out: a layer around an HTTP client, so that a call is made for whom the caller works.
//!
//! A client is shared by all requests, and that is where they mix: a default header that was set for
//! one user, a cookie jar, a redirect that leads an `x-user-id` to a foreign host. [`ClientLayer`]
//! keeps nothing between two calls; what it sends it takes from the [`RequestContext`] at each call:
//!
//! - the **request ID**, to everyone; a retry in the same context keeps it;
//! - the **trace**: the `traceparent` that the request came with, where the server's layer [trusts
//!   it](crate::tower::RequestContextLayer::trust_trace_parent), or what a
//!   [propagator](ClientLayer::propagate) makes;
//! - an **identity**, to the [`Origin`]s listed for it and to nobody else, marked sensitive;
//! - the **context** itself, for the request's body, which the client polls on the task of a
//!   connection.
//!
//! It never replaces a header that the caller has set: that one goes out, and ours does not. But where
//! an identity would go out, such a header is refused: it may have been forwarded from a client who
//! named someone else. A call
//! outside every scope, or with a text for an identity that cannot stand in a header, is refused by
//! a [`ClientError`], and nothing is sent.
//!
//! [`RequestContext`]: crate::RequestContext
//!
//! # Around hyper-util's client
//!
//! ```
//! use bytes::Bytes;
//! use http_body_util::Full;
//! use hyper_util::client::legacy::Client;
//! use hyper_util::rt::TokioExecutor;
//! use request_context::tower::client::ClientBody;
//! use request_context::tower::client::ClientLayer;
//! use tower::Layer;
//!
//! let http = Client::builder(TokioExecutor::new()).build_http::<ClientBody<Full<Bytes>>>();
//! let client = ClientLayer::new().layer(http);
//! ```
//!
//! # Around reqwest
//!
//! A `reqwest::Client` takes requests of its own type; between it and the layer stands the
//! conversion. A body whose bytes are there already needs no context, and reqwest can send it again.
//!
//! ```
//! use request_context::tower::client::ClientBody;
//! use request_context::tower::client::ClientLayer;
//! use tower::Layer;
//! use tower::service_fn;
//!
//! fn into_reqwest(body: ClientBody<reqwest::Body>) -> reqwest::Body {
//!     match body.get_ref().as_bytes() {
//!         Some(_) => body.into_inner(),
//!         None => reqwest::Body::wrap(body),
//!     }
//! }
//!
//! let http = reqwest::Client::new();
//! let client = ClientLayer::new().layer(service_fn(move |request: http::Request<_>| {
//!     let http = http.clone();
//!     async move { http.execute(request.map(into_reqwest).try_into()?).await }
//! }));
//! # fn check<S: tower::Service<http::Request<reqwest::Body>>>(_: S) {}
//! # check(client);
//! ```
//!
//! # Around a tonic channel
//!
//! ```no_run
//! use request_context::tower::client::ClientBody;
//! use request_context::tower::client::ClientLayer;
//! use tonic::body::Body;
//! use tonic::transport::Channel;
//! use tonic_health::pb::health_client::HealthClient;
//! use tower::ServiceBuilder;
//!
//! let channel = Channel::from_static("http://[::1]:50051").connect_lazy();
//! let channel = ServiceBuilder::new()
//!     .layer(ClientLayer::new())
//!     .map_request(|request: http::Request<ClientBody<Body>>| request.map(Body::new))
//!     .service(channel);
//! // With the origin, which an identity needs; the channel itself goes where it was made for.
//! let client = HealthClient::with_origin(channel, http::Uri::from_static("http://[::1]:50051"));
//! ```
//!
//! # Where it stands
//!
//! - **`Retry`**: above the layer; each attempt is a call of its own, with the same ID.
//! - **`Buffer`**: below the layer. Above, it calls on a task of its own, and all calls are refused;
//!   never start that task in a context, or all calls are made for that one.
//! - **What follows redirects by itself** (reqwest): below. The identity is
//!   [`bearer`](IdentityHeader::bearer), which such clients take away when they leave the origin;
//!   or redirects are off.
//! - **tower-http's `FollowRedirect`**: between the [two halves](ClientLayer::around_redirects) of the
//!   layer, so that each hop is judged, whatever its policy and the name of the header.
//! - **A cookie jar** (reqwest's `cookie_store`) and default headers belong to everyone who shares the
//!   client: the layer cannot keep users apart there.

mod body;
mod error;
mod first_origin;
mod future;
mod identity_header;
mod layer;
mod origin;
mod outgoing;
mod service;

pub use body::ClientBody;
pub use error::ClientError;
pub use first_origin::FirstOriginLayer;
pub use first_origin::FirstOriginService;
pub use future::ClientFuture;
pub use identity_header::IdentityHeader;
pub use layer::ClientLayer;
pub use origin::InvalidOrigin;
pub use origin::Origin;
pub use service::ClientService;
