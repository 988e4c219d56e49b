//! The callbacks of a WebSocket upgrade run in the context and span of the request.

use crate::support::Log;
use crate::support::as_eve;
use crate::support::eve;
use crate::support::get as send_get;
use crate::support::here;
use crate::support::in_layer;
use crate::support::soon;
use crate::web_socket_peer::Peer;
use crate::web_socket_peer::fail_to_shake;
use crate::web_socket_peer::handshake;
use crate::web_socket_peer::say_whose;
use crate::web_socket_peer::serve;
use axum::Router;
use axum::extract::Request;
use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::any;
use http::Method;
use http::StatusCode;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use request_context::ContextValue;
use request_context::Reach;
use request_context::RequestContext;
use request_context::axum::ContextWebSocketUpgrade;
use request_context::spawn_outside;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use std::future::ready;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::sync::mpsc::UnboundedSender;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::protocol::Role;
use tower::Layer;

fn whose_socket() -> Router {
    let upgrade = |upgrade: ContextWebSocketUpgrade| ready(upgrade.on_upgrade(say_whose));
    Router::new().route("/socket", any(upgrade))
}

#[tokio::test]
async fn messages_are_handled_in_the_context_long_after_the_handler_has_returned() {
    let address = serve(in_layer(whose_socket())).await;
    let mut ada = Peer::connect(address, "ada").await;
    let whose = format!("ada {}", ada.request_id());
    for text in ["1", "2", "3"] {
        assert_eq!(ada.ask(text).await, format!("{whose} {text}"));
    }
    ada.close().await;
}

#[tokio::test]
async fn a_web_socket_over_http_2_is_in_the_context_too() {
    let address = serve(in_layer(whose_socket())).await;
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    let (mut sender, connection) = builder.handshake(io).await.unwrap();
    spawn_outside(connection);
    // The first answer comes behind the server's settings, which allow the extended CONNECT.
    let first = Request::get("/").body(axum::body::Body::empty()).unwrap();
    assert_eq!(sender.send_request(first).await.unwrap().status(), StatusCode::NOT_FOUND);

    let request = Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://{address}/socket"))
        .extension(hyper::ext::Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .header("authorization", "Bearer ada")
        .body(axum::body::Body::empty())
        .unwrap();
    let mut response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let upgraded = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
    let socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await;
    let mut ada = Peer { socket, headers: response.into_parts().0.headers };
    let whose = format!("ada {}", ada.request_id());
    assert_eq!(ada.ask("1").await, format!("{whose} 1"));
    assert_eq!(ada.ask("2").await, format!("{whose} 2"));
    ada.close().await;
}

#[tokio::test]
async fn the_log_lines_of_a_socket_carry_the_ids_and_stand_in_the_span_of_the_request() {
    let log = Log::start();
    let address = serve(in_layer(whose_socket())).await;
    let mut ada = Peer::connect(address, "ada.7").await;
    ada.ask("one").await;
    ada.ask("two").await;
    let lines = log.take();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for line in lines {
        for (name, value) in
            [("request.id", ada.request_id()), ("session.id", "7"), ("user.id", "ada")]
        {
            assert_eq!(line[name], value);
        }
        assert_eq!(line["spans"][0]["name"], "request", "{line:#?}");
    }
}

#[tokio::test]
async fn after_a_sign_in_the_socket_is_the_users() {
    let upgrade = |upgrade: ContextWebSocketUpgrade| {
        let identity = Identity::new("grace".parse().unwrap());
        let context = RequestContext::current().sign_in(identity);
        ready(context.sync_scope(|| upgrade.on_upgrade(say_whose)))
    };
    let address = serve(in_layer(Router::new().route("/socket", any(upgrade)))).await;
    for token in ["", "ada"] {
        let mut grace = Peer::connect(address, token).await;
        let whose = format!("grace {}", grace.request_id());
        assert_eq!(grace.ask("1").await, format!("{whose} 1"));
    }
}

#[tokio::test]
async fn upgraded_on_a_task_of_no_context_the_socket_is_in_that_of_the_extraction() {
    let log = Log::start();
    let upgrade = async |upgrade: ContextWebSocketUpgrade| {
        let elsewhere = spawn_outside(async {
            assert_eq!(here(), "outside");
            upgrade.on_upgrade(say_whose)
        });
        elsewhere.await.unwrap()
    };
    let address = serve(in_layer(Router::new().route("/socket", any(upgrade)))).await;
    let mut ada = Peer::connect(address, "ada").await;
    let whose = format!("ada {}", ada.request_id());
    assert_eq!(ada.ask("1").await, format!("{whose} 1"));
    assert_eq!(log.take()[0]["spans"][0]["name"], "request");
}

#[tokio::test]
async fn upgraded_in_the_context_of_another_request_nothing_is_upgraded() {
    let log = Log::start();
    let upgrade = |upgrade: ContextWebSocketUpgrade| {
        ready(eve().sync_scope(|| upgrade.on_upgrade(|_| async { panic!("never called") })))
    };
    let address = serve(in_layer(Router::new().route("/socket", any(upgrade)))).await;
    let error = Peer::shake(handshake(address, "ada")).await.err().unwrap();
    let tungstenite::Error::Http(response) = error else { panic!("{error}") };
    assert_eq!(
        (response.status(), response.body()),
        (StatusCode::INTERNAL_SERVER_ERROR, &Some(Vec::new()))
    );
    let lines = log.take();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_eq!(
        (&lines[0]["level"], &lines[0]["fields"]["url.path"]),
        (&"ERROR".into(), &"/socket".into())
    );
}

#[derive(Clone)]
struct Tenant;
impl ContextValue for Tenant {}

struct Transaction;
impl ContextValue for Transaction {
    const REACH: Reach = Reach::Scope;
}

#[tokio::test]
async fn values_that_stay_in_their_scope_stay_out_of_the_socket() {
    async fn say_values(mut socket: WebSocket) {
        let context = RequestContext::current();
        let values = (context.get::<Tenant>().is_some(), context.get::<Transaction>().is_some());
        socket.send(format!("{values:?}").into()).await.unwrap();
    }
    let at_once = |upgrade: ContextWebSocketUpgrade| ready(upgrade.on_upgrade(say_values));
    let elsewhere = async |upgrade: ContextWebSocketUpgrade| {
        spawn_outside(async { upgrade.on_upgrade(say_values) }).await.unwrap()
    };
    for route in [any(at_once), any(elsewhere)] {
        let layer = RequestContextLayer::new().insert(Tenant).insert(Transaction);
        let app = layer.layer(Router::new().route("/socket", route));
        let address = serve(Router::new().fallback_service(app)).await;
        assert_eq!(Peer::connect(address, "").await.receive().await, "(true, false)");
    }
}

type Failures = UnboundedSender<String>;

async fn note_failure(
    State(failures): State<Failures>,
    upgrade: ContextWebSocketUpgrade,
) -> Response {
    upgrade
        .on_failed_upgrade(move |_| {
            tracing::warn!("failed");
            failures.send(here()).unwrap();
        })
        .on_upgrade(|_| async { panic!("never called") })
}

#[tokio::test]
async fn the_callback_for_a_failed_upgrade_runs_in_the_context_and_span() {
    let log = Log::start();
    let (sender, mut failures) = mpsc::unbounded_channel();
    let app = Router::new()
        .route("/socket", any(note_failure))
        .with_state(sender)
        .layer(map_response(|_: Response| ready(StatusCode::IM_A_TEAPOT)));
    let address = serve(in_layer(app)).await;
    for user in ["ada", "bob"] {
        assert_eq!(fail_to_shake(address, user).await, StatusCode::IM_A_TEAPOT);
        assert_eq!(soon(failures.recv()).await.unwrap(), user);
        let line = log.take().remove(0);
        let expected = (&"failed".into(), &"request".into());
        assert_eq!((&line["fields"]["message"], &line["spans"][0]["name"]), expected);
    }
}

#[tokio::test]
async fn what_is_no_handshake_gets_the_answer_of_axum() {
    let app = in_layer(whose_socket());
    let plain = send_get(&app, "/socket", "ada").await;
    let bare = any(|_: axum::extract::ws::WebSocketUpgrade| async {});
    let axums = send_get(&Router::new().route("/socket", bare), "/socket", "").await;
    assert_eq!((plain.status, plain.body), (axums.status, axums.body));
    assert_eq!(plain.status, StatusCode::BAD_REQUEST);
    assert!(plain.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn a_middleware_in_another_context_is_found_out_before_the_handshake() {
    let _log = Log::start();
    let address = serve(in_layer(whose_socket().layer(from_fn(as_eve)))).await;
    let error = Peer::shake(handshake(address, "ada")).await.err().unwrap();
    assert!(matches!(error, tungstenite::Error::Http(it) if it.status() == 500));
}

async fn hand_to_another_task(request: Request, next: Next) -> Response {
    spawn_outside(next.run(request)).await.unwrap()
}

#[tokio::test]
async fn extracted_on_another_task_the_socket_is_in_the_context_of_its_request() {
    let app = whose_socket().layer(from_fn(hand_to_another_task));
    let address = serve(in_layer(app)).await;
    let mut ada = Peer::connect(address, "ada").await;
    let whose = format!("ada {}", ada.request_id());
    assert_eq!(ada.ask("1").await, format!("{whose} 1"));
}
