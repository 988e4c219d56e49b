//! A server on a real socket, and real clients of it.

use crate::support::soon;
use axum::Router;
use axum::extract::ws::Message;
use axum::extract::ws::WebSocket;
use futures::SinkExt;
use futures::StreamExt;
use http::HeaderMap;
use http::Request;
use http::StatusCode;
use http::Uri;
use hyper_util::rt::TokioIo;
use request_context::RequestContext;
use request_context::spawn_outside;
use std::net::SocketAddr;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::ClientRequestBuilder;

pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    spawn_outside(async { axum::serve(listener, app).await.unwrap() });
    address
}

pub(crate) struct Peer<S = MaybeTlsStream<TcpStream>> {
    pub(crate) socket: WebSocketStream<S>,
    pub(crate) headers: HeaderMap,
}

/// The beginning of a handshake at `/socket`.
pub(crate) fn handshake(address: SocketAddr, token: &str) -> ClientRequestBuilder {
    let uri: Uri = format!("ws://{address}/socket").parse().unwrap();
    let request = ClientRequestBuilder::new(uri);
    if token.is_empty() {
        request
    } else {
        request.with_header("authorization", format!("Bearer {token}"))
    }
}

impl Peer {
    pub(crate) async fn connect(address: SocketAddr, token: &str) -> Self {
        Self::shake(handshake(address, token)).await.unwrap()
    }

    pub(crate) async fn shake(request: ClientRequestBuilder) -> tungstenite::Result<Self> {
        let (socket, response) = soon(connect_async(request)).await?;
        Ok(Self { socket, headers: response.into_parts().0.headers })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub(crate) fn request_id(&self) -> &str {
        self.headers["x-request-id"].to_str().unwrap()
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.socket.send(text.into()).await.unwrap();
    }

    pub(crate) async fn receive(&mut self) -> String {
        soon(self.socket.next()).await.unwrap().unwrap().to_text().unwrap().to_owned()
    }

    pub(crate) async fn ask(&mut self, text: &str) -> String {
        self.send(text).await;
        self.receive().await
    }

    /// Says goodbye and waits until the server has let the socket go.
    pub(crate) async fn close(mut self) {
        self.socket.close(None).await.unwrap();
        while let Some(Ok(_)) = soon(self.socket.next()).await {}
    }
}

/// Answers each message with whom it is for, by the context.
pub(crate) async fn say_whose(mut socket: WebSocket) {
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        tracing::info!(%text, "received");
        tokio::task::yield_now().await;
        let reply = format!("{} {text}", whose());
        socket.send(reply.into()).await.unwrap();
    }
}

/// User and request of the context that this runs in.
pub(crate) fn whose() -> String {
    RequestContext::try_with(|context| {
        let user = context.user().map_or("nobody", |user| user.as_str());
        format!("{user} {}", context.request_id())
    })
    .unwrap_or_else(|_| "outside".to_owned())
}

/// A handshake of `user` at `/socket` that fails: answered with something else than 101, and cut off
/// by the next request on the connection, which is another user's.
pub(crate) async fn fail_to_shake(address: SocketAddr, user: &str) -> StatusCode {
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    spawn_outside(connection);
    let request = |path: &str, user: &str| {
        Request::get(path)
            .header("host", address.to_string())
            .header("authorization", format!("Bearer {user}"))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "6D69KGBOr4Re+Nj6zx9aQA==")
            .body(String::new())
            .unwrap()
    };
    let status = sender.send_request(request("/socket", user)).await.unwrap().status();
    sender.ready().await.unwrap();
    sender.send_request(request("/nowhere", "mallory")).await.unwrap();
    status
}
