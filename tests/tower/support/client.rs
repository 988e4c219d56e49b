//! A real client with one connection that the test can see and cut.

use super::Http;
use super::Tls;
use super::soon;
use super::start;
use bytes::Bytes;
use http::Request;
use http::Response;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

pub(crate) struct Client {
    sender: Sender,
    address: SocketAddr,
    /// Cuts the connection with the first client on it.
    _connection: Option<Connection>,
}

struct Connection(AbortHandle);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

impl Client {
    pub(crate) async fn connect(http: Http, address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        Self::over(http, socket, address).await
    }

    /// A client behind TLS, which speaks this protocol and no other.
    pub(crate) async fn connect_tls(tls: &Tls, http: Http, address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        Self::over(http, tls.connect(http, socket).await, address).await
    }

    async fn over<IO>(http: Http, socket: IO, address: SocketAddr) -> Self
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let socket = TokioIo::new(socket);
        let (sender, connection) = match http {
            Http::One => {
                let (sender, connection) = http1::handshake(socket).await.unwrap();
                (Sender::One(sender), start(async { drop(connection.with_upgrades().await) }))
            }
            Http::Two => {
                let (sender, connection) =
                    http2::handshake(TokioExecutor::new(), socket).await.unwrap();
                (Sender::Two(sender), start(async { drop(connection.await) }))
            }
        };
        let connection = Some(Connection(connection.abort_handle()));
        Self { sender, address, _connection: connection }
    }

    /// Another client of the same HTTP/2 connection.
    pub(crate) fn again(&self) -> Self {
        let sender = match &self.sender {
            Sender::One(_) => panic!("HTTP/1 has one request at a time"),
            Sender::Two(sender) => Sender::Two(sender.clone()),
        };
        Self { sender, address: self.address, _connection: None }
    }

    pub(crate) async fn try_send(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> hyper::Result<Response<Incoming>> {
        let host = self.address.to_string();
        match &mut self.sender {
            Sender::One(sender) => {
                request.headers_mut().insert("host", host.parse().unwrap());
                soon(sender.ready()).await?;
                soon(sender.send_request(request)).await
            }
            Sender::Two(sender) => {
                let path = request.uri().path_and_query().unwrap();
                *request.uri_mut() = format!("http://{host}{path}").parse().unwrap();
                soon(sender.ready()).await?;
                soon(sender.send_request(request)).await
            }
        }
    }

    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        self.try_send(request).await.unwrap()
    }
}

/// A GET with an ID for the layer to take, if it is told to.
pub(crate) fn get(path: &str, id: &str) -> Request<Full<Bytes>> {
    Request::get(path).header("x-request-id", id).body(empty()).unwrap()
}

fn empty() -> Full<Bytes> {
    Full::new(Bytes::new())
}
