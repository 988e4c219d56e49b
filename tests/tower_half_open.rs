//! A thousand requests that were begun and never finished: the server keeps answering the others,
//! and forgets them when they go. A process of its own, for the many sockets.

use axum::Router;
use axum::extract::Request;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::StreamBody;
use hyper::body::Frame;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::EndOfRequest;
use request_context::tower::EndReason;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use request_context::tower::bearer_token;
use std::convert::Infallible;
use std::fs;
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tower::Layer;

const REQUESTS: usize = 1000;

async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("it hangs")
}

#[expect(clippy::disallowed_methods, reason = "servers and clients of a test have no request")]
fn start<F: Future<Output: Send> + Send + 'static>(future: F) -> JoinHandle<F::Output> {
    Handle::current().spawn(future)
}

/// What the server tells the test.
struct Server {
    address: SocketAddr,
    /// Once for each request that has come as far as its authentication or its handler.
    waiting: mpsc::UnboundedReceiver<()>,
    ends: mpsc::UnboundedReceiver<(EndReason, Option<String>)>,
}

async fn serve() -> Server {
    let (tell_waiting, waiting) = mpsc::unbounded_channel();
    let (tell_end, ends) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let in_handler = tell_waiting.clone();
    let reads_it_all = move |request: Request| {
        let in_handler = in_handler.clone();
        async move {
            in_handler.send(()).unwrap();
            let read = request.into_body().collect().await;
            let user = RequestContext::current().user().unwrap().to_string();
            read.map(|_| user).map_err(|_| StatusCode::BAD_REQUEST)
        }
    };
    let authenticate = move |parts: &http::request::Parts| {
        let user = bearer_token(&parts.headers).unwrap().unwrap().to_owned();
        let tell_waiting = tell_waiting.clone();
        async move {
            if user == "never" {
                tell_waiting.send(()).unwrap();
                pending::<()>().await;
            }
            Authentication::Identified(Identity::new(user.parse().unwrap()))
        }
    };
    let on_end = move |end: &EndOfRequest| {
        let user = RequestContext::with(|context| context.user().map(ToString::to_string));
        let _ = tell_end.send((end.reason(), user));
    };
    let layer = RequestContextLayer::new().authenticate(authenticate).on_end(on_end);
    let app = Router::new().fallback_service(layer.layer(Router::new().fallback(reads_it_all)));
    start(async { axum::serve(listener, app).await.unwrap() });
    Server { address, waiting, ends }
}

/// How many connections this process may have with itself, of those wanted.
fn affordable(wanted: usize) -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = files.and_then(|line| line.split_whitespace().next()?.parse().ok());
    wanted.min(soft.map_or(wanted, |soft: usize| soft.saturating_sub(100) / 2))
}

impl Server {
    async fn assert_answers(&mut self) {
        let mut socket = soon(TcpStream::connect(self.address)).await.unwrap();
        let request =
            "GET / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ada\r\nconnection: close\r\n\r\n";
        soon(socket.write_all(request.as_bytes())).await.unwrap();
        let mut response = String::new();
        soon(socket.read_to_string(&mut response)).await.unwrap();
        assert!(
            response.starts_with("HTTP/1.1 200 ") && response.ends_with("\r\n\r\nada"),
            "{response}"
        );
        soon(self.waiting.recv()).await.unwrap();
        let end = soon(self.ends.recv()).await.unwrap();
        assert_eq!(end, (EndReason::Complete, Some("ada".to_owned())));
    }

    async fn assert_waiting(&mut self, count: usize) {
        for _ in 0..count {
            soon(self.waiting.recv()).await.unwrap();
        }
    }

    /// So many requests have ended, each told of once, and none of them for Ada.
    async fn assert_gone(&mut self, count: usize) {
        for _ in 0..count {
            match soon(self.ends.recv()).await.unwrap() {
                // No one was known yet, or Bob was waiting.
                (EndReason::Dropped, None) => {}
                (EndReason::Dropped, Some(user)) if user == "bob" => {}
                // Told of the broken body, the handler still had an answer to give.
                (EndReason::Complete, Some(user)) if user == "bob" => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(self.ends.try_recv().is_err());
    }
}

#[tokio::test]
async fn over_http_1_half_open_requests_hold_no_one_up() {
    let mut server = serve().await;
    let heads = [
        // Not even a head.
        "POST / HTTP/1.1\r\nhost: a\r\nx-request-id: ab",
        // In its handler, which waits for the body.
        "POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer bob\r\ncontent-length: 9\r\n\r\nx",
        "POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer bob\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        // In authentication. It has no body: of a client that leaves, hyper hears only by reading.
        "GET / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer never\r\n\r\n",
    ];
    let of_each = affordable(REQUESTS) / heads.len();
    let mut half_open = Vec::new();
    for head in heads {
        for _ in 0..of_each {
            let mut socket = soon(TcpStream::connect(server.address)).await.unwrap();
            soon(socket.write_all(head.as_bytes())).await.unwrap();
            half_open.push(socket);
        }
    }
    server.assert_waiting(3 * of_each).await;
    for _ in 0..20 {
        server.assert_answers().await;
    }
    drop(half_open);
    server.assert_gone(3 * of_each).await;
    server.assert_answers().await;
}

#[tokio::test]
async fn over_http_2_half_open_requests_hold_no_one_up() {
    // As many as hyper allows on one connection.
    const STREAMS: usize = 200;
    let mut server = serve().await;
    let mut half_open = Vec::new();
    for _ in 0..REQUESTS / STREAMS {
        let socket = TokioIo::new(soon(TcpStream::connect(server.address)).await.unwrap());
        let (mut sender, connection) =
            soon(http2::handshake(TokioExecutor::new(), socket)).await.unwrap();
        half_open.push(start(async { drop(connection.await) }));
        for number in 0..STREAMS {
            let user = if number % 2 == 0 { "bob" } else { "never" };
            let first = Ok::<_, Infallible>(Frame::data(Bytes::from("x")));
            let body = StreamBody::new(stream::iter([first]).chain(stream::pending()));
            let request = Request::post(format!("http://{}/", server.address));
            let request = request.header("authorization", format!("Bearer {user}"));
            soon(sender.ready()).await.unwrap();
            let response = sender.send_request(request.body(body).unwrap());
            half_open.push(start(async { drop(response.await) }));
        }
    }
    server.assert_waiting(REQUESTS).await;
    for _ in 0..20 {
        server.assert_answers().await;
    }
    for task in half_open {
        task.abort();
    }
    server.assert_gone(REQUESTS).await;
    server.assert_answers().await;
}
