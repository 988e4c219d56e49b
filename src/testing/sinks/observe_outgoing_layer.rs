//! `ObserveOutgoingLayer`: the requests that a server sends to other ones.

use super::observe_outgoing::ObserveOutgoing;
use tower_layer::Layer;

/// A layer around an HTTP client, in tests: shows a running [`LeakTest`](crate::testing::LeakTest) the
/// method, the URI, the headers and the body of each request, as [`Sink::Outgoing`](crate::testing::Sink).
///
/// They are the session's that makes the call, by the schedule, or by the current context in a task of
/// nobody. What is below gets the request as it was; outside a run nothing is looked into. Put it
/// below all that adds to a request, so below [`ClientLayer`](crate::tower::client::ClientLayer):
///
/// ```
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use hyper_util::client::legacy::Client;
/// use hyper_util::rt::TokioExecutor;
/// use request_context::testing::ObserveOutgoingLayer;
/// use request_context::testing::ObservedBody;
/// use request_context::tower::client::{ClientBody, ClientLayer};
/// use tower::ServiceBuilder;
///
/// let client = Client::builder(TokioExecutor::new());
/// let client = ServiceBuilder::new()
///     .layer(ClientLayer::new())
///     .layer(ObserveOutgoingLayer::new())
///     .service(client.build_http::<ObservedBody<ClientBody<Full<Bytes>>>>());
/// # drop(client);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct ObserveOutgoingLayer(());

impl ObserveOutgoingLayer {
    /// The layer.
    pub fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for ObserveOutgoingLayer {
    type Service = ObserveOutgoing<S>;

    fn layer(&self, inner: S) -> ObserveOutgoing<S> {
        ObserveOutgoing::new(inner)
    }
}
