//! A way to Redis on which things go wrong. It knows where one answer ends and the next begins.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::Instant;
use tokio::time::sleep_until;

/// What becomes of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The next answer never comes; the others do.
    Withhold,
    /// The next two answers come in each other's place.
    Swap,
    /// The connection breaks in the middle of the next answer.
    Cut,
    /// No answer comes on the connections that there are, while this is set.
    Silence,
}

pub(crate) struct Proxy {
    port: u16,
    fault: Arc<Mutex<Fault>>,
    calls: Arc<AtomicUsize>,
}

impl Proxy {
    /// To the server, without delay.
    pub(crate) async fn to(server: SocketAddr) -> Self {
        Self::start(server, Duration::ZERO, usize::MAX).await
    }

    /// To the server, 4 ms each way and in pieces of 7 bytes.
    pub(crate) async fn slow_to(server: SocketAddr) -> Self {
        Self::start(server, Duration::from_millis(4), 7).await
    }

    async fn start(server: SocketAddr, delay: Duration, piece: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let fault = Arc::new(Mutex::new(Fault::None));
        let shared = Arc::clone(&fault);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else { continue };
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let none = Arc::new(Mutex::new(Fault::None));
                let (fault, calls) = (Arc::clone(&shared), Arc::clone(&counted));
                tokio::spawn(carry(from_client, to_server, none, calls, delay, piece));
                tokio::spawn(carry(from_server, to_client, fault, Arc::default(), delay, piece));
            }
        });
        Self { port, fault, calls }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub(crate) fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    /// How many commands have come from clients.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(SeqCst)
    }

    /// Whether the fault has happened.
    pub(crate) fn has_happened(&self) -> bool {
        *self.fault.lock().unwrap() == Fault::None
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    fault: Arc<Mutex<Fault>>,
    count: Arc<AtomicUsize>,
    delay: Duration,
    piece: usize,
) {
    let (sender, mut receiver) = unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        let (mut bytes, mut swapped) = (Vec::new(), None);
        let mut part = vec![0; 65536];
        while let Ok(length @ 1..) = from.read(&mut part).await {
            bytes.extend_from_slice(&part[..length]);
            while let Some(end) = end_of_message(&bytes) {
                let mut message: Vec<u8> = bytes.drain(..end).collect();
                count.fetch_add(1, SeqCst);
                let mut fault = fault.lock().unwrap();
                match *fault {
                    Fault::None => {}
                    Fault::Silence => continue,
                    Fault::Withhold => {
                        *fault = Fault::None;
                        continue;
                    }
                    Fault::Swap => match swapped.take() {
                        None => {
                            swapped = Some(message);
                            continue;
                        }
                        Some(first) => {
                            *fault = Fault::None;
                            message.extend_from_slice(&first);
                        }
                    },
                    Fault::Cut => {
                        *fault = Fault::None;
                        message.truncate(message.len() / 2);
                        let _ = sender.send((Instant::now(), message));
                        return;
                    }
                }
                let _ = sender.send((Instant::now() + delay, message));
            }
        }
    });
    while let Some((at, message)) = receiver.recv().await {
        sleep_until(at).await;
        for piece in message.chunks(piece) {
            if to.write_all(piece).await.is_err() {
                return;
            }
        }
    }
}

/// Where the first message ends, if it is whole: an answer, or a call.
pub(crate) fn end_of_message(bytes: &[u8]) -> Option<usize> {
    let line = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let number = || std::str::from_utf8(&bytes[1..line]).ok()?.parse::<i64>().ok();
    let mut end = line + 2;
    match bytes[0] {
        b'$' => {
            if let Ok(length) = usize::try_from(number()?) {
                end += length + 2;
            }
        }
        b'*' => {
            for _ in 0..number()? {
                end += end_of_message(&bytes[end..])?;
            }
        }
        _ => {}
    }
    (end <= bytes.len()).then_some(end)
}
