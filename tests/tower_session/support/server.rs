//! A real server on a real socket, by hyper alone: nothing in it has a timer.

use super::start;
use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tower::ServiceExt;

pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    start(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            socket.set_nodelay(true).unwrap();
            let app = app.clone();
            let service = service_fn(move |request| app.clone().oneshot(request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
            // A client that goes away ends in an error, as it should.
            start(async { drop(connection.with_upgrades().await) });
        }
    });
    address
}
