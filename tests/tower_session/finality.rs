//! What ends a session ends it for requests in flight, tasks, bodies and sockets (G9).

use crate::support::App;
use crate::support::Carrier;
use crate::support::Client;
use crate::support::all;
use crate::support::outlast;
use crate::support::start;
use bytes::Bytes;
use futures::SinkExt;
use futures::StreamExt;
use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use request_context::SessionId;
use request_context::tower::session::Policy;
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::ClientRequestBuilder;

/// What ends the session.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    LogOut,
    Rotate,
    LogIn,
    Delete,
    DeleteAllOfUser,
    Expire,
}

const ENDS: [End; 6] =
    [End::LogOut, End::Rotate, End::LogIn, End::Delete, End::DeleteAllOfUser, End::Expire];

impl End {
    async fn befall(self, app: &App, client: &mut Client, id: &SessionId) {
        match self {
            Self::LogOut => drop(client.ask("/logout").await),
            Self::Rotate => drop(client.ask("/rotate").await),
            Self::LogIn => drop(client.ask("/login/bob").await),
            Self::Delete => assert!(app.sessions.delete(id).await.unwrap()),
            Self::DeleteAllOfUser => {
                let ada = request_context::owner::Owner::user("ada".parse().unwrap());
                app.sessions.delete_all_of(&ada, None).await.unwrap();
            }
            Self::Expire => outlast(&app.sessions).await,
        }
    }

    /// How many sessions there are afterwards.
    fn left(self) -> usize {
        usize::from(matches!(self, Self::Rotate | Self::LogIn))
    }
}

async fn count(app: &App) -> usize {
    app.sessions.prune().await.unwrap();
    app.store.memory.len()
}

#[tokio::test]
async fn a_slow_request_in_flight_is_revoked_and_brings_nothing_back() {
    for end in ENDS {
        let app = App::browser().await;
        let mut client = app.client_of("ada").await;
        let (id, mut slow) = (app.id(&client), client.again().await);
        let slow = start(async move { slow.get("/slow?renew").await });
        app.gate.arrived(1).await;
        end.befall(&app, &mut client, &id).await;
        app.gate.open(1);
        let reply = slow.await.unwrap();
        assert_eq!(reply.body, all("revoked"), "{end:?}");
        reply.assert_is_private();
        assert_eq!(count(&app).await, end.left(), "{end:?}");
    }
}

#[tokio::test]
async fn a_task_that_outlives_its_request_is_revoked() {
    for end in ENDS {
        let app = App::browser().await;
        let mut client = app.client_of("ada").await;
        let id = app.id(&client);
        // Long after the response a task may still write …
        for _ in 0..2 {
            client.ask("/task").await;
        }
        app.gate.arrived(2).await;
        app.gate.open(1);
        assert_eq!(app.gate.heard().await, all("ok"));
        // … until the session ends.
        end.befall(&app, &mut client, &id).await;
        app.gate.open(1);
        assert_eq!(app.gate.heard().await, all("revoked"), "{end:?}");
        assert_eq!(count(&app).await, end.left(), "{end:?}");
    }
}

async fn frame(body: &mut Incoming) -> Bytes {
    body.frame().await.unwrap().unwrap().into_data().unwrap()
}

#[tokio::test]
async fn a_streaming_body_is_revoked() {
    for end in ENDS {
        let app = App::browser().await;
        let mut client = app.client_of("ada").await;
        let (id, mut streaming) = (app.id(&client), client.again().await);
        let request = streaming.request(Method::GET, "/stream");
        let mut body = streaming.begin(request).await.into_body();
        assert_eq!(frame(&mut body).await, "begun\n");
        app.gate.open(1);
        assert_eq!(frame(&mut body).await, all("ok"));
        end.befall(&app, &mut client, &id).await;
        app.gate.open(1);
        assert_eq!(frame(&mut body).await, all("revoked"), "{end:?}");
        assert_eq!(count(&app).await, end.left(), "{end:?}");
    }
}

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open_socket(client: &Client) -> Socket {
    let token = client.token.as_deref().unwrap();
    let uri = format!("ws://{}/socket", client.address).parse().unwrap();
    let request = ClientRequestBuilder::new(uri).with_header("x-session-id", token);
    connect_async(request).await.unwrap().0
}

async fn ask(socket: &mut Socket, text: &str) -> String {
    socket.send(text.into()).await.unwrap();
    socket.next().await.unwrap().unwrap().to_text().unwrap().to_owned()
}

#[tokio::test]
async fn an_open_web_socket_is_revoked() {
    for end in ENDS {
        let app = App::start(Carrier::Header, Policy::api()).await;
        let mut client = app.client_of("ada").await;
        let id = app.id(&client);
        let mut socket = open_socket(&client).await;
        assert_eq!(ask(&mut socket, "whose").await, format!("ada {id}"));
        assert_eq!(ask(&mut socket, "use").await, all("ok"));
        end.befall(&app, &mut client, &id).await;
        assert_eq!(ask(&mut socket, "use").await, all("revoked"), "{end:?}");
        assert_eq!(count(&app).await, end.left(), "{end:?}");
    }
}

#[tokio::test]
async fn a_socket_has_the_session_that_its_handler_has_begun_and_begins_none() {
    let app = App::start(Carrier::Header, Policy::api()).await;
    for (path, is_begun) in [("begun-socket", true), ("socket", false)] {
        let uri = format!("ws://{}/{path}", app.address);
        let (mut socket, response) = connect_async(uri).await.unwrap();
        assert_eq!(response.headers().contains_key("x-session-id"), is_begun);
        let used = ask(&mut socket, "use").await;
        assert_eq!(used == all("ok"), is_begun, "{used}");
        assert_eq!(count(&app).await, 1, "that of the first socket");
    }
}

#[tokio::test]
async fn a_session_begun_in_a_socket_would_be_nobodys_so_it_is_too_late() {
    let app = App::browser().await;
    let reply = app.client().await.get("/late-stream").await;
    assert_eq!(reply.body, "too late");
    assert!(app.store.memory.is_empty());
}

#[tokio::test]
async fn of_a_request_that_the_client_has_left_no_session_is_made() {
    let app = App::browser().await;
    let mut client = app.client().await;
    client.ask("/task").await;
    app.gate.arrived(1).await;
    app.gate.open(1);
    let said = app.gate.heard().await;
    // What only reads finds nothing; what would make a session is too late.
    assert!(said.starts_with("get ok, update the head of the response is sent"), "{said}");
    assert!(app.store.memory.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_requests_that_race_with_a_logout_none_resurrects_the_session() {
    for round in 0..20 {
        let app = App::browser().await;
        let mut client = app.client_of("ada").await;
        let mut racing = Vec::new();
        for _ in 0..64 {
            let mut slow = client.again().await;
            // While the session goes they only write: one that is renewed just before goes on.
            let path = if round % 2 == 0 { "/slow" } else { "/slow?renew" };
            racing.push(start(async move { slow.get(path).await.body }));
        }
        app.gate.arrived(64).await;
        let meanwhile = if round % 2 == 0 { 32 } else { 0 };
        let going = start(async move { client.ask("/logout").await });
        app.gate.open(meanwhile);
        assert_eq!(going.await.unwrap(), "bye");
        assert_eq!(app.store.memory.len(), 0);
        app.gate.open(64 - meanwhile);
        let mut revoked = 0;
        for slow in racing {
            revoked += usize::from(slow.await.unwrap() == all("revoked"));
        }
        assert!(revoked >= 64 - meanwhile, "{revoked}");
        assert_eq!(app.store.memory.len(), 0);
    }
}
