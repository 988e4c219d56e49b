//! One keep-alive connection, which several users take turns on.

use crate::protocol::SESSION_HEADER;
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::HeaderMap;
use hyper::Request;
use hyper::Response;
use hyper::body::Body;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::client::conn::http1::SendRequest;
use hyper::header::HeaderValue;
use hyper::http::request::Builder;
use hyper_util::rt::TokioIo;
use request_context::spawn_outside;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::sleep;

pub(super) type DriveError = Box<dyn Error + Send + Sync>;

const SLOW: Duration = Duration::from_millis(10);

/// How a user takes a reply.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Manner {
    AtOnce,
    /// Rests after each piece.
    Slowly,
    /// Cuts the connection after the first piece.
    NotToTheEnd,
}

/// A reply as far as it was read.
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) is_complete: bool,
}

/// What a login gives.
pub(super) struct Session {
    /// The public handle, as it is in the log.
    pub(super) id: String,
    token: HeaderValue,
}

/// Connects when first used, and again when it was cut or a request failed.
pub(super) struct Connection {
    address: SocketAddr,
    open: Option<Open>,
}

struct Open {
    sender: SendRequest<Full<Bytes>>,
    /// Owns the socket.
    io: JoinHandle<()>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.io.abort();
    }
}

impl Connection {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, open: None }
    }

    /// Begins a session.
    pub(super) async fn log_in(&mut self, user: &str) -> Result<Session, DriveError> {
        let login = serde_json::json!({ "user": user }).to_string();
        let request = self.request("/login").body(Full::from(login))?;
        let (headers, reply) = self.send(request, Manner::AtOnce).await?;
        let token = headers.get(SESSION_HEADER).ok_or("the login gave no token")?;
        let answer: serde_json::Value = serde_json::from_str(&reply.text)?;
        let id = answer["session"].as_str().ok_or("the login named no session")?;
        Ok(Session { id: id.into(), token: token.clone() })
    }

    /// Sends one message and reads the reply.
    pub(super) async fn chat(
        &mut self,
        session: &Session,
        message: String,
        manner: Manner,
    ) -> Result<Reply, DriveError> {
        let request = self.request("/chat").header(SESSION_HEADER, &session.token);
        let (_, reply) = self.send(request.body(Full::from(message))?, manner).await?;
        Ok(reply)
    }

    fn request(&self, path: &str) -> Builder {
        Request::post(path)
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
    }

    async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        manner: Manner,
    ) -> Result<(HeaderMap, Reply), DriveError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::connect(self.address).await?,
        };
        open.sender.ready().await?;
        let response = open.sender.send_request(request).await?;
        let headers = response.headers().clone();
        let reply = read(response, manner).await?;
        if reply.is_complete {
            self.open = Some(open);
        }
        Ok((headers, reply))
    }
}

impl Open {
    async fn connect(address: SocketAddr) -> Result<Self, DriveError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let io = spawn_outside(async {
            // What fails here fails for the one who reads the response, who reports it.
            let _ = connection.await;
        });
        Ok(Self { sender, io })
    }
}

async fn read(response: Response<Incoming>, manner: Manner) -> Result<Reply, DriveError> {
    let status = response.status();
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        bytes.extend(frame?.into_data().unwrap_or_default());
        match manner {
            Manner::AtOnce => {}
            Manner::Slowly => sleep(SLOW).await,
            Manner::NotToTheEnd => break,
        }
    }
    let text = String::from_utf8(bytes)?;
    if !status.is_success() {
        return Err(format!("the server answered {status}: {text}").into());
    }
    let is_complete = manner != Manner::NotToTheEnd || body.is_end_stream();
    Ok(Reply { text, is_complete })
}
