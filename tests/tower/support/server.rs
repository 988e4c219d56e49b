//! A real server on a real socket, and the layer that many write by hand.

use super::Tls;
use super::start;
use bytes::Buf;
use http::Request;
use http::Response;
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use request_context::InContext;
use request_context::RequestContext;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tower::Service;
use tower::ServiceExt;
use tracing::Instrument;
use tracing::instrument::Instrumented;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Http {
    One,
    Two,
}

impl Http {
    pub(crate) const BOTH: [Self; 2] = [Self::One, Self::Two];
}

/// Stops when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    accepting: AbortHandle,
}

impl Server {
    /// Serves by hyper alone.
    pub(crate) async fn start<S, B>(http: Http, service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn Error + Send + Sync>> + 'static,
        B: Body<Data: Buf + Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let serve = move |socket| serve(http, socket, service.clone());
        Self::accept(serve).await
    }

    /// Serves by hyper behind TLS, in the protocol that the client and it agree on.
    pub(crate) async fn start_tls<S, B>(tls: &Tls, service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn Error + Send + Sync>> + 'static,
        B: Body<Data: Buf + Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let tls = tls.clone();
        let serve = move |socket| {
            let (tls, service) = (tls.clone(), service.clone());
            async move {
                let (http, socket) = tls.accept(socket).await;
                serve(http, socket, service).await;
            }
        };
        Self::accept(serve).await
    }

    async fn accept<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<AtomicUsize>::default();
        let accepted = Arc::clone(&connections);
        let accepting = start(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                socket.set_nodelay(true).unwrap();
                accepted.fetch_add(1, Ordering::SeqCst);
                start(serve(socket));
            }
        });
        Self { address, connections, accepting: accepting.abort_handle() }
    }

    /// How many connections have been accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve<IO, S, B>(http: Http, socket: IO, service: S)
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>> + 'static,
    B: Body<Data: Buf + Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let service = service_fn(move |request| service.clone().oneshot(request));
    let socket = TokioIo::new(socket);
    // A client that goes away ends in an error, as it should.
    let _ = match http {
        Http::One => http1::Builder::new().serve_connection(socket, service).with_upgrades().await,
        Http::Two => {
            http2::Builder::new(TokioExecutor::new()).serve_connection(socket, service).await
        }
    };
}

/// What is often written: a scope and a span around the handler's future, and nothing else.
#[derive(Clone)]
pub(crate) struct Naive<S>(pub(crate) S);

impl<S: Service<Request<B>>, B> Service<Request<B>> for Naive<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = InContext<Instrumented<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let id = request.headers()["x-request-id"].to_str().unwrap().parse().unwrap();
        let context = RequestContext::builder().request_id(id).build();
        let span = context.span();
        context.scope(self.0.call(request).instrument(span))
    }
}
