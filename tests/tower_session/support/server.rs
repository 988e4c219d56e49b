//! A real server on a real socket, by hyper alone: nothing in it has a timer. It speaks HTTP/1, and
//! HTTP/2 to who begins with that.

use super::start;
use axum::Router;
use hyper::server::conn::http1;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tower::ServiceExt;

pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    start(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            socket.set_nodelay(true).unwrap();
            start(converse(socket, app.clone()));
        }
    });
    address
}

/// A client that goes away ends in an error, as it should.
async fn converse(socket: TcpStream, app: Router) {
    let service = service_fn(move |request| app.clone().oneshot(request));
    if is_http2(&socket).await {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.enable_connect_protocol();
        drop(builder.serve_connection(TokioIo::new(socket), service).await);
    } else {
        let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
        drop(connection.with_upgrades().await);
    }
}

/// Whether the client begins with the preface of RFC 9113, section 3.4.
async fn is_http2(socket: &TcpStream) -> bool {
    let mut first = [0; 2];
    while let Ok(length @ 1..) = socket.peek(&mut first).await {
        if length == 2 || first[0] != b'P' {
            return first == *b"PR";
        }
        tokio::task::yield_now().await;
    }
    false
}
