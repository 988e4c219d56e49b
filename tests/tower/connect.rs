//! CONNECT through the layer: the tunnel is opened by a request as any other, and what goes on in it
//! runs in the context if it is carried along.

use crate::support::Ends;
use crate::support::Http;
use crate::support::Server;
use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::soon;
use crate::support::start;
use crate::support::trusting;
use crate::support::whose;
use bytes::Bytes;
use http::Method;
use http::Request;
use http::Response;
use http::header::CONTENT_LENGTH;
use http::header::TRANSFER_ENCODING;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use request_context::spawn;
use request_context::tower::EndReason::Complete;
use std::convert::Infallible;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tower::Layer;
use tower::service_fn;

type Tunnel = BufReader<TokioIo<hyper::upgrade::Upgraded>>;

/// Answers each line with it, and for whom.
async fn talk(mut tunnel: Tunnel) {
    let mut line = String::new();
    while tunnel.read_line(&mut line).await.is_ok_and(|length| length > 0) {
        let answer = format!("{} {} {}\n", line.trim(), whose(), here());
        tunnel.write_all(answer.as_bytes()).await.unwrap();
        tunnel.flush().await.unwrap();
        line.clear();
    }
}

async fn open(request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let name = request.uri().authority().map(ToString::to_string);
    assert_eq!((request.method(), name.as_deref()), (&Method::CONNECT, Some("db.internal:5432")));
    let upgrade = hyper::upgrade::on(request);
    spawn(async { talk(BufReader::new(TokioIo::new(upgrade.await.unwrap()))).await });
    Ok(Response::new(Empty::new()))
}

async fn serve(http: Http) -> (Server, Ends) {
    let (hook, ends) = ends();
    let layer = trusting().authenticate(by_token).on_end(hook);
    (Server::start(http, layer.layer(service_fn(open))).await, ends)
}

async fn connect(http: Http, server: &Server, token: &str) -> Response<Incoming> {
    let socket = TokioIo::new(soon(TcpStream::connect(server.address)).await.unwrap());
    let request = Request::connect("db.internal:5432")
        .header("authorization", format!("Bearer {token}"))
        .header("x-request-id", format!("r-of-{token}"))
        .body(Empty::<Bytes>::new())
        .unwrap();
    let response = match http {
        Http::One => {
            let (mut sender, connection) = http1::handshake(socket).await.unwrap();
            start(connection.with_upgrades());
            soon(sender.send_request(request)).await
        }
        Http::Two => {
            let executor = TokioExecutor::new();
            let (mut sender, connection) = http2::handshake(executor, socket).await.unwrap();
            start(connection);
            soon(sender.send_request(request)).await
        }
    };
    response.unwrap()
}

async fn ask(tunnel: &mut Tunnel, text: &str) -> String {
    tunnel.write_all(format!("{text}\n").as_bytes()).await.unwrap();
    tunnel.flush().await.unwrap();
    let mut line = String::new();
    soon(tunnel.read_line(&mut line)).await.unwrap();
    line.trim().to_owned()
}

#[tokio::test]
async fn a_tunnel_opens_and_is_in_the_context_that_it_was_carried_in() {
    for http in Http::BOTH {
        let (server, mut ends) = serve(http).await;
        let mut tunnels = Vec::new();
        for user in ["ada", "bob"] {
            let response = connect(http, &server, user).await;
            assert_eq!(response.status(), 200, "{http:?}");
            assert_eq!(response.headers()["x-request-id"], format!("r-of-{user}"));
            // Neither may stand in a response that opens a tunnel (RFC 9110, section 9.3.6).
            for name in [CONTENT_LENGTH, TRANSFER_ENCODING] {
                assert!(!response.headers().contains_key(&name), "{http:?}: {name}");
            }
            let upgraded = soon(hyper::upgrade::on(response)).await.unwrap();
            tunnels.push((user, BufReader::new(TokioIo::new(upgraded))));
            let end = ends.next().await;
            assert_eq!(end.what(), (Complete, Some(200), 0), "{http:?}: over when it is open");
            assert_eq!((end.user.as_str(), end.id), (user, format!("r-of-{user}")));
        }
        for text in ["one", "two"] {
            for (user, tunnel) in &mut tunnels {
                assert_eq!(ask(tunnel, text).await, format!("{text} {user} r-of-{user}"));
            }
        }
        assert!(ends.told().is_empty());
    }
}

#[tokio::test]
async fn who_is_rejected_gets_no_tunnel() {
    for http in Http::BOTH {
        let (server, mut ends) = serve(http).await;
        let response = connect(http, &server, "wrong").await;
        assert_eq!(response.status(), 401, "{http:?}");
        assert_eq!(response.headers()["x-request-id"], "r-of-wrong");
        assert!(soon(hyper::upgrade::on(response)).await.is_err());
        assert_eq!(ends.next().await.what(), (Complete, Some(401), 0));
    }
}
