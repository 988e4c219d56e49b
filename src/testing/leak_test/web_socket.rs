//! What is said over a WebSocket, in frames of RFC 6455.

use super::any_body::AnyBody;
use super::request_body::RequestBody;
use super::sink_of_reply::LookAtReply;
use super::subject::BoxError;
use super::subject::Connection;
use bytes::Bytes;
use http::Request;
use http::Response;
use http::StatusCode;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::io;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// How long an answer is waited for, and how long what comes unasked. No time at all on a paused clock.
const PATIENCE: Duration = Duration::from_secs(1);
/// No message is longer.
const MOST: usize = 16 << 20;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const FIRST_CONTROL: u8 = 8;
const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;

/// Opens a WebSocket, says one message after the other, each once the one before was answered, and
/// looks into all that comes back.
pub(super) async fn talk(
    connection: &mut dyn Connection,
    request: Request<RequestBody>,
    messages: Vec<Bytes>,
    look: LookAtReply,
) -> Result<Response<AnyBody>, BoxError> {
    let mut response = connection.send(request).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(response);
    }
    let upgraded = hyper::upgrade::on(&mut response).await?;
    let mut socket = WebSocket { io: TokioIo::new(upgraded), message: Vec::new() };
    let mut heard = Vec::new();
    for message in messages {
        if socket.write(TEXT, &message).await.is_err() {
            break;
        }
        if let Ok(Ok(Some(message))) = timeout(PATIENCE, socket.read()).await {
            look.message(&message);
            heard.extend(message);
        }
    }
    // What others say may be shown here too.
    socket.listen(&look, &mut heard).await;
    if socket.write(CLOSE, &[]).await.is_ok() {
        socket.listen(&look, &mut heard).await;
    }
    // As a body they are searched across their borders too, and kept for the visitor.
    Ok(response.map(|_| AnyBody::new(RequestBody::from(Bytes::from(heard)))))
}

struct WebSocket {
    io: TokioIo<Upgraded>,
    /// The parts of a message that are there already.
    message: Vec<u8>,
}

impl WebSocket {
    /// The frame of a client. It is masked by zeros: between these two there is nobody to deceive.
    async fn write(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        let length = payload.len();
        let mut frame = vec![FIN | opcode];
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(length @ ..=125), _) => frame.push(MASKED | length),
            (_, Ok(length)) => {
                frame.push(MASKED | 126);
                frame.extend(length.to_be_bytes());
            }
            _ => {
                frame.push(MASKED | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend_from_slice(payload);
        self.io.write_all(&frame).await?;
        self.io.flush().await
    }

    /// The next message, put together of its frames, or the payload of a control frame; none after
    /// the last.
    async fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let Ok(first) = self.io.read_u8().await else { return Ok(None) };
            let second = self.io.read_u8().await?;
            let length = match second & !MASKED {
                126 => u64::from(self.io.read_u16().await?),
                127 => self.io.read_u64().await?,
                length => u64::from(length),
            };
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if second & MASKED != 0 || length > MOST.saturating_sub(self.message.len()) {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut payload = vec![0; length];
            self.io.read_exact(&mut payload).await?;
            let opcode = first & 0x0F;
            if opcode >= FIRST_CONTROL {
                return Ok(Some(payload));
            }
            if opcode != CONTINUATION {
                self.message.clear();
            }
            self.message.append(&mut payload);
            if first & FIN != 0 {
                return Ok(Some(std::mem::take(&mut self.message)));
            }
        }
    }

    /// Looks into what comes for a while.
    async fn listen(&mut self, look: &LookAtReply, heard: &mut Vec<u8>) {
        let listening = async {
            while let Ok(Some(message)) = self.read().await {
                look.message(&message);
                heard.extend(message);
            }
        };
        // Late or at an end, it is over.
        let _ = timeout(PATIENCE, listening).await;
    }
}
