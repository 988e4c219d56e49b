//! Real servers on loopback that note what they get, and real clients to call them with.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http::Request;
use http::StatusCode;
use http::header::LOCATION;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::spawn_outside;
use request_context::tower::RequestContextLayer;
use request_context::tower::client::ClientBody;
use request_context::tower::client::IdentityHeader;
use request_context::tower::client::Origin;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpListener;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;
use tower::make::Shared;
use tower::service_fn;

/// What a server saw of one request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The ID of the context that the request had there.
    pub(crate) request_id: RequestId,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        assert!(values.next().is_none(), "two headers `{name}`");
        Some(value.to_str().unwrap())
    }
}

/// A server that takes the request IDs of its clients, and answers a request for `/?to=<url>` by a
/// redirect and every other by 200.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let seen = Arc::default();
        let router = Router::new().fallback(note).with_state(Arc::clone(&seen));
        let layer = RequestContextLayer::new().trust_request_id(|_| true);
        let url = serve(layer.layer(router)).await;
        Self { url, seen }
    }

    pub(crate) fn origin(&self) -> Origin {
        self.url.parse().unwrap()
    }

    /// The URL of this server that redirects to `url`.
    pub(crate) fn leading_to(&self, url: &str) -> String {
        format!("{}/?to={url}", self.url)
    }

    /// What was seen since the last call.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    pub(crate) fn take_one(&self) -> Seen {
        let mut seen = self.take_seen();
        assert_eq!(seen.len(), 1, "{seen:#?}");
        seen.remove(0)
    }
}

async fn note(State(seen): State<Arc<Mutex<Vec<Seen>>>>, request: Request<Body>) -> Response {
    let to = request.uri().query().and_then(|query| query.strip_prefix("to=")).map(str::to_owned);
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let request_id = RequestContext::current().request_id().clone();
    seen.lock().unwrap().push(Seen { headers: parts.headers, body, request_id });
    match to {
        Some(to) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, to)]).into_response(),
        None => StatusCode::OK.into_response(),
    }
}

/// Serves on a port of its own until the runtime ends; returns the URL.
pub(crate) async fn serve<S, B>(service: S) -> String
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send>,
    S: Clone + Send + 'static,
    Response<B>: IntoResponse + 'static,
{
    let service = service.map_response(IntoResponse::into_response);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    spawn_outside(async move { axum::serve(listener, Shared::new(service)).await });
    url
}

/// hyper-util's client, which follows no redirects.
pub(crate) fn hyper<B>() -> Client<HttpConnector, ClientBody<B>>
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
{
    Client::builder(TokioExecutor::new()).build_http()
}

/// reqwest, which follows redirects by its default policy, as a service below the layer.
pub(crate) fn reqwest() -> impl Service<
    Request<ClientBody<reqwest::Body>>,
    Response = reqwest::Response,
    Error = reqwest::Error,
    Future: Send,
> + Clone
+ Send
+ 'static {
    of_reqwest(reqwest::Client::builder().no_proxy())
}

pub(crate) fn of_reqwest(
    builder: reqwest::ClientBuilder,
) -> impl Service<
    Request<ClientBody<reqwest::Body>>,
    Response = reqwest::Response,
    Error = reqwest::Error,
    Future: Send,
> + Clone
+ Send
+ 'static {
    let http = builder.build().unwrap();
    service_fn(move |request: Request<ClientBody<reqwest::Body>>| {
        let http = http.clone();
        async move { http.execute(request.map(into_reqwest).try_into()?).await }
    })
}

fn into_reqwest(body: ClientBody<reqwest::Body>) -> reqwest::Body {
    match body.get_ref().as_bytes() {
        Some(_) => body.into_inner(),
        None => reqwest::Body::wrap(body),
    }
}

pub(crate) fn get(url: &str) -> Request<Full<Bytes>> {
    Request::get(url).body(Full::default()).unwrap()
}

/// The context of a request of `user`.
pub(crate) fn context_of(user: &str) -> RequestContext {
    RequestContext::builder().user(user.parse().unwrap()).build()
}

/// Tells the user by a bearer token.
pub(crate) fn bearer_of_user() -> IdentityHeader {
    IdentityHeader::bearer(|context| Ok(context.user().map(|user| format!("token-of-{user}"))))
}
