//! One keep-alive connection, which several users take turns on.

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::Response;
use hyper::body::Body;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::client::conn::http1::SendRequest;
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

    /// Sends one message and reads the reply.
    pub(super) async fn chat(
        &mut self,
        session: &str,
        message: String,
        manner: Manner,
    ) -> Result<Reply, DriveError> {
        let request = Request::post("/chat")
            .header("host", self.address.to_string())
            .header("x-session-id", session)
            .header("content-type", "application/json")
            .body(Full::from(message))?;
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::connect(self.address).await?,
        };
        open.sender.ready().await?;
        let reply = read(open.sender.send_request(request).await?, manner).await?;
        if reply.is_complete {
            self.open = Some(open);
        }
        Ok(reply)
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
