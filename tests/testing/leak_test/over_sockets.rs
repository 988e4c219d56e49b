//! A server behind a URL, and one that is perturbed under load.

use super::support::by_name;
use super::support::correct;
use super::support::last_value_slot;
use super::support::user_of;
use axum::Router;
use axum::body::Body;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::extract::ws::Message;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use request_context::testing::LeakTest;
use request_context::testing::Sink;
use request_context::testing::TestRequest;
use request_context::testing::Visitor;
use request_context::testing::staging::PerturbLayer;
use request_context::testing::url;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::OnceLock;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;

async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    request_context::spawn_outside(async move { axum::serve(listener, app).await.unwrap() });
    address
}

fn visit(address: SocketAddr) -> LeakTest {
    LeakTest::new(url(&format!("http://{address}")))
        .seeds(0..20)
        .request(|visitor, _, _| by_name(visitor))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_behind_a_url_is_visited() {
    let address = serve(correct()).await;
    let report = visit(address).run().await;
    assert!(report.is_isolated() && !report.is_replayable, "{report}");
    assert_eq!(report.answered, 20 * 8 * 4);
}

/// Tells who asked first, to all.
fn first_value_kept() -> Router {
    let first = Arc::new(OnceLock::new());
    let tell = move |headers: HeaderMap| {
        let first = first.get_or_init(|| user_of(&headers)).clone();
        async move { format!("{first} and {}", user_of(&headers)) }
    };
    Router::new().route("/", get(tell))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_leaks_behind_a_url_is_found_and_not_replayed() {
    let address = serve(first_value_kept()).await;
    let report = visit(address).run().await;
    assert_eq!(report.leaks[0].first.field, "user", "{report}");
    assert_eq!((report.story, report.replay), (None, None));
}

/// In how many of 200 rounds, each of 8 tasks with 4 requests, somebody was greeted as another one.
#[expect(clippy::disallowed_methods, reason = "the load of a server, which has no context")]
async fn rounds_that_leak<S>(service: S) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    let mut leaking = 0;
    for _ in 0..200 {
        let mut tasks = JoinSet::new();
        for user in 0..8 {
            let service = service.clone();
            tasks.spawn(async move {
                let mut greeted_as_another = false;
                for _ in 0..4 {
                    let user = user.to_string();
                    let request = Request::get("/").header("x-user", &user).body(Body::empty());
                    let response = service.clone().oneshot(request.unwrap()).await.unwrap();
                    let body = to_bytes(response.into_body(), 100).await.unwrap();
                    greeted_as_another |= body != format!("hello {user}");
                }
                greeted_as_another
            });
        }
        leaking += usize::from(tasks.join_all().await.contains(&true));
    }
    leaking
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_perturbed_server_shows_its_leak_on_many_threads() {
    let perturbed = PerturbLayer::new(1).layer(last_value_slot());
    assert!(rounds_that_leak(perturbed).await > 100);
    assert_eq!(rounds_that_leak(PerturbLayer::new(1).layer(correct())).await, 0);
}

#[test]
#[should_panic(expected = "is no URL of a server")]
fn what_is_no_url_is_refused() {
    drop(url("127.0.0.1:3000"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_web_socket_behind_a_url_is_talked_to() {
    let app = || {
        let upgrade = |upgrade: WebSocketUpgrade| async {
            upgrade.on_upgrade(|mut socket| async move {
                while let Some(Ok(message @ Message::Text(_))) = socket.recv().await {
                    if socket.send(message).await.is_err() {
                        break;
                    }
                }
            })
        };
        Router::new().route("/chat", get(upgrade))
    };
    let address = serve(app()).await;
    let test = LeakTest::new(url(&format!("http://{address}"))).sessions(2).requests(1);
    let say = |me: &Visitor| TestRequest::web_socket("/chat").message(me.canary("text"));
    let test = test.seeds(0..1).request(move |me, _, _| say(me));
    let report = test.expect_own(Sink::WebSocket).run().await;
    assert!(report.is_isolated(), "{report}");
}
