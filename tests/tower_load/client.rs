//! Clients that share connections between users, as a proxy does, and go away at random.

use crate::USERS;
use crate::findings::Findings;
use crate::findings::owner;
use crate::start;
use bytes::Bytes;
use http::Request;
use http::Response;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::task::yield_now;

/// What became of a request, at the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Answered,
    LeftBeforeTheResponse,
    LeftInTheBody,
    CutTheConnection,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

/// One connection at a time, with requests of any user.
pub(crate) struct Worker {
    number: u64,
    random: Random,
    address: SocketAddr,
    connection: Option<(Sender, AbortHandle)>,
}

impl Worker {
    pub(crate) fn new(number: u64, seed: u64, address: SocketAddr) -> Self {
        Self { number, random: Random(seed), address, connection: None }
    }

    pub(crate) async fn run(
        mut self,
        requests: u64,
        findings: Arc<Findings>,
    ) -> BTreeMap<Outcome, u64> {
        let mut outcomes = BTreeMap::new();
        for request in 0..requests {
            let user = self.random.below(USERS);
            let id = format!("u{user}.w{}.r{request}", self.number);
            let outcome = self.request(&id, &findings).await;
            *outcomes.entry(outcome).or_default() += 1;
        }
        self.cut();
        outcomes
    }

    /// Half of the workers speak HTTP/1.
    async fn connect(&self) -> (Sender, AbortHandle) {
        let socket = TcpStream::connect(self.address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let socket = TokioIo::new(socket);
        if self.number.is_multiple_of(2) {
            let (sender, connection) = http1::handshake(socket).await.unwrap();
            let task = start(async { drop(connection.await) });
            (Sender::One(sender), task.abort_handle())
        } else {
            let (sender, connection) =
                http2::handshake(TokioExecutor::new(), socket).await.unwrap();
            let task = start(async { drop(connection.await) });
            (Sender::Two(sender), task.abort_handle())
        }
    }

    fn cut(&mut self) {
        if let Some((_, connection)) = self.connection.take() {
            connection.abort();
        }
    }

    /// The response to come; a fresh connection is made if the last one is no more.
    async fn send(
        &mut self,
        id: &str,
    ) -> impl Future<Output = hyper::Result<Response<Incoming>>> + use<> {
        let kind = ["plain", "tasks", "left"][self.random.below(3) as usize];
        let body = vec![b'x'; self.random.below(6) as usize];
        let mut request = Request::post(format!("http://{}/{kind}/{id}", self.address));
        request = request.header("authorization", format!("Bearer {}", owner(id)));
        request = request.header("x-request-id", id).header("host", "a");
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        loop {
            if self.connection.is_none() {
                self.connection = Some(self.connect().await);
            }
            let (sender, _) = self.connection.as_mut().unwrap();
            let ready = match sender {
                Sender::One(sender) => sender.ready().await,
                Sender::Two(sender) => sender.ready().await,
            };
            if ready.is_ok() {
                return match sender {
                    Sender::One(sender) => {
                        futures::future::Either::Left(sender.send_request(request))
                    }
                    Sender::Two(sender) => {
                        futures::future::Either::Right(sender.send_request(request))
                    }
                };
            }
            self.cut();
        }
    }

    async fn request(&mut self, id: &str, findings: &Findings) -> Outcome {
        let fate = self.random.below(10);
        let patience = self.random.below(30);
        let frames = self.random.below(4);
        let mut response = Box::pin(self.send(id).await);
        if fate < 2 {
            for _ in 0..patience {
                if futures::poll!(&mut response).is_ready() {
                    return Outcome::LeftInTheBody;
                }
                yield_now().await;
            }
            return Outcome::LeftBeforeTheResponse;
        }
        if fate == 2 {
            for _ in 0..patience {
                yield_now().await;
            }
            self.cut();
            return Outcome::CutTheConnection;
        }
        let response = response.await.unwrap();
        let echoed = response.headers()["x-request-id"].to_str().unwrap();
        findings.compare("echo", id, echoed);
        let mut body = response.into_body();
        if fate == 3 {
            for _ in 0..frames {
                drop(body.frame().await);
            }
            return Outcome::LeftInTheBody;
        }
        let text = body.collect().await.unwrap().to_bytes();
        let text = str::from_utf8(&text).unwrap();
        findings.compare("reply", "4", &text.lines().count().to_string());
        for line in text.lines() {
            findings.compare("reply", &format!("{0} {id} {0}", owner(id)), line);
        }
        Outcome::Answered
    }
}
