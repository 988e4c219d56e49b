//! A server with a route for each thing that a request may do with its session.

use super::client::Carrier;
use super::client::Client;
use super::gate::Gate;
use super::server::serve;
use super::store::Watched;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::response::AppendHeaders;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::any;
use axum::routing::post;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use http::Uri;
use http::request::Parts;
use request_context::RequestContext;
use request_context::axum::ContextWebSocketUpgrade;
use request_context::axum::SessionRejection;
use request_context::session::ListName;
use request_context::session::Session;
use request_context::session::SessionError;
use request_context::session::SessionValue;
use request_context::session::Sessions;
use request_context::spawn;
use request_context::tower::Authentication;
use request_context::tower::EndOfRequest;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use request_context::tower::session::Policy;
use request_context::tower::session::SessionLayer;
use request_context::tower::session::Transport;
use serde::Deserialize;
use serde::Serialize;
use std::convert::Infallible;
use std::future::Ready;
use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use tower::Layer;

const HISTORY: ListName = ListName::literal("history");

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Note(pub(crate) String);

impl SessionValue for Note {
    const KEY: &'static str = "note";
}

/// The server that most tests drive.
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    pub(crate) store: Watched,
    pub(crate) sessions: Sessions,
    pub(crate) gate: Gate,
    /// User and session of the context in which the hook at the end was called.
    pub(crate) ends: Arc<Mutex<Vec<String>>>,
    carrier: Carrier,
}

impl App {
    pub(crate) async fn start(carrier: Carrier, policy: Policy) -> Self {
        let transport = match carrier {
            Carrier::Header => Transport::header(),
            Carrier::Bearer => Transport::bearer(),
            Carrier::Cookie => Transport::cookie().into(),
        };
        Self::start_on(carrier, transport, policy).await
    }

    /// In a browser, as the layer is by default.
    pub(crate) async fn browser() -> Self {
        Self::start(Carrier::Cookie, Policy::browser()).await
    }

    pub(crate) async fn start_on(
        carrier: Carrier,
        transport: impl Into<Transport>,
        policy: Policy,
    ) -> Self {
        let (store, gate, ends) =
            (Watched::default(), Gate::default(), Arc::<Mutex<Vec<_>>>::default());
        let sessions = Sessions::new(store.clone());
        let layer = SessionLayer::new(sessions.clone(), transport, policy);
        let told = Arc::clone(&ends);
        let around = RequestContextLayer::new()
            .authenticate(by_header)
            .on_end(move |_: &EndOfRequest| told.lock().unwrap().push(whose()));
        let app = around.layer(layer.layer(routes(gate.clone())));
        let address = serve(Router::new().fallback_service(app)).await;
        Self { address, store, sessions, gate, ends, carrier }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address, self.carrier).await
    }

    /// A client that is logged in.
    pub(crate) async fn client_of(&self, user: &str) -> Client {
        let mut client = self.client().await;
        assert_eq!(client.ask(&format!("/login/{user}")).await, whose_is(user, &client));
        client
    }

    /// The id of the session of a client.
    pub(crate) fn id(&self, client: &Client) -> request_context::SessionId {
        let token = client.token.as_deref().unwrap();
        request_context::session::SessionToken::parse(token).unwrap().session_id()
    }
}

fn whose_is(user: &str, client: &Client) -> String {
    let token = client.token.as_deref().unwrap();
    let id = request_context::session::SessionToken::parse(token).unwrap().session_id();
    format!("{user} {id}")
}

/// An authenticator beside the sessions, for those who are known otherwise.
pub(crate) fn by_header(parts: &Parts) -> Ready<Authentication> {
    ready(match parts.headers.get("x-test-user") {
        Some(user) => {
            let user = user.to_str().unwrap().parse().unwrap();
            Authentication::Identified(Identity::new(user))
        }
        None => Authentication::Anonymous,
    })
}

/// User and session of the current context.
pub(crate) fn whose() -> String {
    let whose = |context: &RequestContext| {
        let user = context.user().map_or("nobody", |user| user.as_str()).to_owned();
        let session = context.session().map_or("-", |session| session.as_str());
        format!("{user} {session}")
    };
    RequestContext::try_with(whose).unwrap_or_else(|_| "outside".to_owned())
}

type Answer = Result<String, SessionRejection>;

pub(crate) fn routes(gate: Gate) -> Router {
    Router::new()
        .route("/whose", any(async || whose()))
        .route("/read", any(read))
        .route("/write/{text}", post(write))
        .route("/remove", post(async || Ok::<_, SessionRejection>(removed().await?)))
        .route("/append/{item}", post(append))
        .route("/history", any(history))
        .route("/login/{user}", post(log_in))
        .route("/login-stream/{user}", post(log_in_and_stream))
        .route("/rotate-stream", post(rotate_and_stream))
        .route("/write-stream", post(write_and_stream))
        .route("/begin", post(begin))
        .route("/sign-in-and-begin", post(sign_in_and_begin))
        .route("/rotate", post(rotate))
        .route("/logout", post(log_out))
        .route("/cached", any(async || ([("cache-control", "max-age=60")], "cached")))
        .route("/cached-login", any(log_in_and_cache))
        .route("/cookies", any(own_cookies))
        .route("/panic-in-update", any(panic_in_update))
        .route("/write-and-panic", any(write_and_panic))
        .route("/slow", any(slow))
        .route("/task", any(task))
        .route("/stream", any(stream_of_uses))
        .route("/late-stream", any(late_stream))
        .route("/socket", any(socket))
        .route("/begun-socket", any(begun_socket))
        .with_state(gate)
}

async fn read(session: Session) -> Answer {
    Ok(session.get::<Note>().await?.map_or_else(|| "none".to_owned(), |Note(text)| text))
}

async fn write(session: Session, Path(text): Path<String>) -> Answer {
    let write = |note: &mut Note| {
        note.0.push_str(&text);
        note.0.clone()
    };
    Ok(session.update(write).await?)
}

async fn removed() -> Result<String, SessionError> {
    Ok(Session::try_current()?.remove::<Note>().await?.to_string())
}

async fn append(session: Session, Path(item): Path<String>) -> Answer {
    Ok(session.append(&HISTORY, &item).await?.to_string())
}

async fn history(session: Session) -> Answer {
    Ok(session.range::<String>(&HISTORY, 0..u64::MAX).await?.items.join(","))
}

async fn log_in(session: Session, Path(user): Path<String>) -> Answer {
    let context = session.log_in(user.parse().unwrap(), None).await?;
    Ok(context.scope(async { whose() }).await)
}

/// A body that is made outside the context of the login, by middleware or by oversight.
async fn log_in_and_stream(
    session: Session,
    Path(user): Path<String>,
) -> Result<Response, SessionRejection> {
    drop(session.log_in(user.parse().unwrap(), None).await?);
    Ok(body_of_uses())
}

/// A body that says for whom it is and uses the session.
fn body_of_uses() -> Response {
    let frame = async { Ok::<_, Infallible>(format!("{} {}", whose(), uses().await)) };
    Response::new(Body::from_stream(stream::once(frame)))
}

/// The same, of a rotation.
async fn rotate_and_stream(session: Session) -> Result<Response, SessionRejection> {
    drop(session.rotate().await?);
    Ok(body_of_uses())
}

/// The same, of the write that begins a session.
async fn write_and_stream(session: Session) -> Result<Response, SessionRejection> {
    session.update(|note: &mut Note| note.0.push('w')).await?;
    Ok(body_of_uses())
}

/// Signs a user in by hand, while what runs already begins a session of nobody.
async fn sign_in_and_begin(session: Session) -> Result<Response, SessionRejection> {
    let identity = Identity::new("eve".parse().unwrap());
    drop(RequestContext::current().sign_in(identity));
    session.update(|note: &mut Note| note.0.push('w')).await?;
    Ok(Response::new(Body::from_stream(stream::once(async { Ok::<_, Infallible>(whose()) }))))
}

/// Begins a session; what the handler's own context shows, and the one with the session.
async fn begin(session: Session) -> Answer {
    session.update(|note: &mut Note| note.0.push('w')).await?;
    let context = session.context()?;
    let inside = async { format!("{} {}", whose(), uses().await) };
    Ok(format!("{} / {}", whose(), context.scope(inside).await))
}

/// An answer that caches of every kind are told to keep.
async fn log_in_and_cache(session: Session) -> Result<impl IntoResponse, SessionRejection> {
    drop(session.log_in("ada".parse().unwrap(), None).await?);
    Ok(TOLD_TO_KEEP.map(|name| (name, "max-age=60")))
}

/// What tells a cache to keep a response, whatever `Cache-Control` says.
pub(crate) const TOLD_TO_KEEP: [&str; 6] = [
    "cache-control",
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "surrogate-control",
    "x-accel-expires",
    "expires",
];

/// A handler with cookies of its own, one of them by the name of the session's.
async fn own_cookies(session: Session) -> Result<impl IntoResponse, SessionRejection> {
    session.update(|note: &mut Note| note.0.push('w')).await?;
    let set = |cookie| ("set-cookie", cookie);
    Ok(AppendHeaders([set("a=1; Path=/a"), set("__Host-id=mine; Path=/"), set("b=2")]))
}

async fn panic_in_update(session: Session) -> Answer {
    let change = |note: &mut Note| {
        note.0.push_str("half");
        assert!(note.0.is_empty(), "on purpose");
    };
    Ok(session.update(change).await.map(|()| "done".to_owned())?)
}

async fn write_and_panic(session: Session) -> Answer {
    session.update(|note: &mut Note| note.0.push('w')).await?;
    panic!("on purpose");
}

async fn rotate(session: Session) -> Answer {
    let context = session.rotate().await?;
    Ok(context.scope(async { whose() }).await)
}

async fn log_out(session: Session) -> Answer {
    session.log_out().await?;
    tracing::info!("logged out");
    Ok("bye".to_owned())
}

/// Uses the session in every way; what each came to.
async fn uses() -> String {
    let session = Session::current();
    let results = [
        ("get", session.get::<Note>().await.map(drop)),
        ("update", session.update(|note: &mut Note| note.0.push('!')).await),
        ("remove", session.remove::<Note>().await.map(drop)),
        ("append", session.append(&HISTORY, "late").await.map(drop)),
        ("range", session.range::<String>(&HISTORY, 0..9).await.map(drop)),
        ("trim", session.trim(&HISTORY, 0).await),
        ("touch", session.touch().await),
    ];
    let of = |(name, result): &(&str, Result<(), SessionError>)| match result {
        Ok(()) => format!("{name} ok"),
        Err(error) if error.is_revoked() => format!("{name} revoked"),
        Err(error) => format!("{name} {error}"),
    };
    results.iter().map(of).collect::<Vec<_>>().join(", ")
}

/// What [`uses`] says where all of them have this result.
pub(crate) fn all(result: &str) -> String {
    let names = ["get", "update", "remove", "append", "range", "trim", "touch"];
    names.map(|name| format!("{name} {result}")).join(", ")
}

async fn slow(uri: Uri, State(gate): State<Gate>) -> String {
    gate.wait().await;
    let mut said = uses().await;
    if uri.query() != Some("renew") {
        return said;
    }
    // What would make another session.
    let session = Session::current();
    for result in [session.rotate().await, session.log_in("eve".parse().unwrap(), None).await] {
        match result {
            Ok(_) => said.push_str(", renewed"),
            Err(error) if error.is_revoked() => {}
            Err(error) => said.push_str(&format!(", {error}")),
        }
    }
    said
}

async fn task(State(gate): State<Gate>) {
    spawn(async move {
        gate.wait().await;
        gate.tell(uses().await);
    });
}

/// A body that uses the session for each frame, as often as the gate opens.
async fn stream_of_uses(State(gate): State<Gate>) -> Response {
    let frames = stream::unfold((gate, 0), |(gate, count)| async move {
        if count == 0 {
            return Some((Ok::<_, Infallible>(Bytes::from("begun\n")), (gate, 1)));
        }
        gate.wait().await;
        Some((Ok(Bytes::from(uses().await)), (gate, count + 1)))
    });
    Response::new(Body::from_stream(frames.take(3)))
}

/// A body that would begin a session when it is too late.
async fn late_stream() -> Response {
    let frame = stream::once(async {
        let result = Session::current().update(|note: &mut Note| note.0.push('!')).await;
        Ok::<_, Infallible>(match result {
            Err(error) if error.is_too_late() => "too late".to_owned(),
            other => format!("{other:?}"),
        })
    });
    Response::new(Body::from_stream(frame))
}

/// A socket whose session is begun before its response.
async fn begun_socket(session: Session, upgrade: ContextWebSocketUpgrade) -> Response {
    session.append(&HISTORY, "begun").await.unwrap();
    socket(upgrade).await
}

async fn socket(upgrade: ContextWebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|mut socket: WebSocket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            let said = match message.to_text() {
                Ok("whose") => whose(),
                _ => uses().await,
            };
            if socket.send(said.into()).await.is_err() {
                break;
            }
        }
    })
}
