//! Many requests at once on one connection: HTTP/2, with prior knowledge, by a real client.

use crate::support::App;
use crate::support::Carrier;
use crate::support::all;
use crate::support::start;
use bytes::Bytes;
use futures::SinkExt;
use futures::StreamExt;
use futures::future::join_all;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper::client::conn::http2::SendRequest;
use hyper::ext::Protocol;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use request_context::tower::session::Policy;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

type Sender = SendRequest<Empty<Bytes>>;

async fn connect(app: &App) -> Sender {
    let socket = TcpStream::connect(app.address).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let io = TokioIo::new(socket);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    start(async { drop(connection.await) });
    sender
}

/// The head of the response; none if the connection is gone.
async fn begin(sender: &Sender, carrier: Carrier, token: &str, path: &str) -> Response<Incoming> {
    let uri = format!("https://example.com{path}");
    let request = Request::builder().method(Method::POST).uri(uri);
    let request = if token.is_empty() { request } else { carrier.put(token, request) };
    sender.clone().send_request(request.body(Empty::new()).unwrap()).await.unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    assert_eq!(response.status(), StatusCode::OK);
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

async fn ask(sender: &Sender, carrier: Carrier, token: &str, path: &str) -> String {
    text(begin(sender, carrier, token, path).await).await
}

/// Logs in over the connection; the token, and what the context then shows.
async fn log_in(sender: &Sender, carrier: Carrier, user: &str) -> (String, String) {
    let response = begin(sender, carrier, "", &format!("/login/{user}")).await;
    let header = if carrier == Carrier::Cookie { "set-cookie" } else { "x-session-id" };
    let token = response.headers()[header].to_str().unwrap();
    let token = token.strip_prefix("__Host-id=").unwrap_or(token);
    let token = token.split(';').next().unwrap().to_owned();
    (token, text(response).await)
}

#[tokio::test]
async fn two_users_interleaved_on_one_connection_do_not_mix() {
    for carrier in Carrier::ALL {
        let app = App::start(carrier, Policy::api()).await;
        let sender = connect(&app).await;
        let logins = ["ada", "bob"].map(|user| log_in(&sender, carrier, user));
        let users = join_all(logins).await;
        for ((token, whose), user) in users.iter().zip(["ada", "bob"]) {
            assert!(whose.starts_with(user), "{carrier:?}: {whose}");
            assert_eq!(
                ask(&sender, carrier, token, &format!("/write/{user}s")).await,
                format!("{user}s")
            );
        }
        // All at once, and all of them at the gate before the first goes on.
        let slow = (0..32).map(|n| ask(&sender, carrier, &users[n % 2].0, "/slow"));
        let meanwhile = async {
            app.gate.arrived(32).await;
            for n in 0..64 {
                let (token, whose) = &users[n % 2];
                assert_eq!(ask(&sender, carrier, token, "/whose").await, *whose, "{carrier:?}");
                assert_eq!(ask(&sender, carrier, "", "/whose").await, "nobody -");
                let item = format!("/append/{}", &whose[..3]);
                ask(&sender, carrier, token, &item).await;
            }
            app.gate.open(32);
        };
        let (answers, ()) = tokio::join!(join_all(slow), meanwhile);
        assert!(answers.iter().all(|answer| *answer == all("ok")), "{answers:?}");
        for ((token, _), user) in users.iter().zip(["ada", "bob"]) {
            let history = ask(&sender, carrier, token, "/history").await;
            let (late, own): (Vec<_>, Vec<_>) =
                history.split(',').partition(|item| *item == "late");
            assert_eq!((late.len(), own), (16, vec![user; 32]), "{carrier:?}");
        }
    }
}

#[tokio::test]
async fn streams_of_two_users_on_one_connection_end_each_with_its_own_session() {
    let app = App::browser().await;
    let sender = connect(&app).await;
    let carrier = Carrier::Cookie;
    let (ada, _) = log_in(&sender, carrier, "ada").await;
    let (bob, _) = log_in(&sender, carrier, "bob").await;
    let mut streams = Vec::new();
    for token in [&ada, &bob] {
        let mut body = begin(&sender, carrier, token, "/stream").await.into_body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
        streams.push(body);
    }
    ask(&sender, carrier, &ada, "/logout").await;
    app.gate.open(4);
    for (mut body, is) in streams.into_iter().zip(["revoked", "ok"]) {
        for _ in 0..2 {
            let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
            assert_eq!(frame, all(is));
        }
    }
}

#[tokio::test]
async fn a_cookie_may_come_in_crumbs() {
    // RFC 9113, section 8.2.3.
    let app = App::browser().await;
    let sender = connect(&app).await;
    let (token, whose) = log_in(&sender, Carrier::Cookie, "ada").await;
    let request = Request::post("https://example.com/whose")
        .header("cookie", "a=1")
        .header("cookie", format!("__Host-id={token}"))
        .header("cookie", "b=2");
    let response = sender.clone().send_request(request.body(Empty::new()).unwrap()).await.unwrap();
    assert_eq!(text(response).await, whose);
}

/// RFC 8441: the handshake of a WebSocket over HTTP/2, from a page of this origin.
async fn shake(sender: &Sender, token: &str, origin: Option<&str>) -> Response<Incoming> {
    let request = Request::builder()
        .method(Method::CONNECT)
        .uri("https://example.com/socket")
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13");
    let request = Carrier::Cookie.put(token, request);
    let request = match origin {
        Some(origin) => request.header("origin", origin),
        None => request,
    };
    sender.clone().send_request(request.body(Empty::new()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_socket_over_http2_opens_for_pages_of_the_same_origin_only() {
    let app = App::browser().await;
    let sender = connect(&app).await;
    let (token, _) = log_in(&sender, Carrier::Cookie, "ada").await;
    for (origin, status) in [
        (Some("https://example.com"), StatusCode::OK),
        (Some("https://example.com:443"), StatusCode::OK),
        (Some("http://example.com"), StatusCode::FORBIDDEN),
        (Some("https://evil.example"), StatusCode::FORBIDDEN),
        (Some("null"), StatusCode::FORBIDDEN),
        (None, StatusCode::FORBIDDEN),
    ] {
        assert_eq!(shake(&sender, &token, origin).await.status(), status, "{origin:?}");
    }
}

#[tokio::test]
async fn sockets_of_two_users_on_one_connection_are_each_in_their_session() {
    let app = App::browser().await;
    let sender = connect(&app).await;
    let mut sockets = Vec::new();
    for user in ["ada", "bob"] {
        let (token, whose) = log_in(&sender, Carrier::Cookie, user).await;
        let response = shake(&sender, &token, Some("https://example.com")).await;
        let upgraded = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await;
        sockets.push((socket, token, whose));
    }
    for _ in 0..5 {
        for (socket, _, whose) in &mut sockets {
            socket.send("whose".into()).await.unwrap();
            let said = socket.next().await.unwrap().unwrap();
            assert_eq!(said.to_text().unwrap(), whose);
        }
    }
    ask(&sender, Carrier::Cookie, &sockets[0].1, "/logout").await;
    for ((socket, ..), is) in sockets.iter_mut().zip(["revoked", "ok"]) {
        socket.send("use".into()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap().to_text().unwrap(), all(is));
    }
}
