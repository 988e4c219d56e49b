//! [`ClientLayer`]: what the calls of a request take along.

use super::IdentityHeader;
use super::Origin;
use super::first_origin::FirstOriginLayer;
use super::outgoing::Outgoing;
use super::service::ClientService;
use crate::context::RequestContext;
use http::HeaderMap;
use http::HeaderName;
use std::sync::Arc;
use tower_layer::Layer;

/// Puts request ID, trace and, for listed origins, identity on outgoing requests.
///
/// See the [module docs](super) for where to put it.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct ClientLayer {
    outgoing: Outgoing,
}

impl ClientLayer {
    /// Sends the request ID as `x-request-id`, and the [`TraceParent`] of the context if it has one;
    /// no identity to anyone; nothing at all from outside a scope.
    ///
    /// [`TraceParent`]: crate::tower::TraceParent
    pub fn new() -> Self {
        Self {
            outgoing: Outgoing {
                request_id_header: HeaderName::from_static("x-request-id"),
                identities: Vec::new(),
                propagate: None,
                may_be_outside: false,
                is_below_redirects: false,
            },
        }
    }

    /// Sends the request ID in another header than `x-request-id`.
    pub fn request_id_header(mut self, header: HeaderName) -> Self {
        self.outgoing.request_id_header = header;
        self
    }

    /// Sends `header` to `origins`, and to nobody else. May be said several times, for origins that
    /// want different tokens.
    ///
    /// From then on a request whose URI does not tell its origin is refused.
    ///
    /// ```
    /// use request_context::tower::client::ClientLayer;
    /// use request_context::tower::client::IdentityHeader;
    ///
    /// # fn sign(_: &str) -> Result<String, std::io::Error> { Ok("signed".into()) }
    /// let token = IdentityHeader::bearer(|context| {
    ///     let user = context.user();
    ///     Ok(user.map(|user| sign(user.as_str())).transpose()?)
    /// });
    /// let layer = ClientLayer::new().identity(["https://billing.internal".parse()?], token);
    /// # Ok::<_, request_context::tower::client::InvalidOrigin>(())
    /// ```
    pub fn identity(
        mut self,
        origins: impl IntoIterator<Item = Origin>,
        header: IdentityHeader,
    ) -> Self {
        self.outgoing.identities.push((origins.into_iter().collect(), header));
        self
    }

    /// Adds the headers that `propagate` puts into the map given to it: those of a tracer, for the
    /// span that is current. A [`TraceParent`](crate::tower::TraceParent) that was kept goes out
    /// only where it makes no `traceparent`.
    ///
    /// ```
    /// use opentelemetry::propagation::TextMapPropagator;
    /// use opentelemetry_sdk::propagation::TraceContextPropagator;
    /// use request_context::tower::client::ClientLayer;
    /// use std::collections::HashMap;
    ///
    /// let tracer = TraceContextPropagator::new();
    /// let layer = ClientLayer::new().propagate(move |_, headers| {
    ///     let mut made = HashMap::new();
    ///     tracer.inject(&mut made);
    ///     headers.extend(http::HeaderMap::try_from(&made).unwrap_or_default());
    /// });
    /// ```
    pub fn propagate(
        mut self,
        propagate: impl Fn(&RequestContext, &mut HeaderMap) + Send + Sync + 'static,
    ) -> Self {
        self.outgoing.propagate = Some(Arc::new(propagate));
        self
    }

    /// Allows calls from outside every scope. They take nothing along; those from inside a scope
    /// take along what they would without this.
    pub fn anonymous(mut self) -> Self {
        self.outgoing.may_be_outside = true;
        self
    }

    /// Splits into two layers, for above and below whatever follows redirects. Identities go only
    /// to the origin that the caller named, as long as no hop has left it.
    ///
    /// With the layer alone below, each hop to a listed origin would get the identity, also one
    /// that a foreign host has led to, and so has chosen.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http_body_util::Full;
    /// use hyper_util::client::legacy::Client;
    /// use hyper_util::rt::TokioExecutor;
    /// use request_context::tower::client::ClientBody;
    /// use request_context::tower::client::ClientLayer;
    /// use tower::ServiceBuilder;
    /// use tower_http::follow_redirect::FollowRedirectLayer;
    ///
    /// let (above, below) = ClientLayer::new().around_redirects();
    /// let client = ServiceBuilder::new()
    ///     .layer(above)
    ///     .layer(FollowRedirectLayer::new())
    ///     .layer(below)
    ///     .service(Client::builder(TokioExecutor::new()).build_http::<ClientBody<Full<Bytes>>>());
    /// ```
    pub fn around_redirects(mut self) -> (FirstOriginLayer, Self) {
        self.outgoing.is_below_redirects = true;
        (FirstOriginLayer::new(), self)
    }
}

impl Default for ClientLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ClientService::new(inner, Arc::new(self.outgoing.clone()))
    }
}
