//! A real client on one connection, which keeps the token as the server tells it to.

use super::start;
use bytes::Bytes;
use http::HeaderMap;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::request::Builder;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// How the token goes to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Header,
    Bearer,
    Cookie,
}

impl Carrier {
    pub(crate) const ALL: [Self; 3] = [Self::Header, Self::Bearer, Self::Cookie];

    pub(crate) fn put(self, token: &str, request: Builder) -> Builder {
        match self {
            Self::Header => request.header("x-session-id", token),
            Self::Bearer => request.header("authorization", format!("Bearer {token}")),
            Self::Cookie => request.header("cookie", format!("a=1; __Host-id={token}; b=2")),
        }
    }
}

pub(crate) struct Client {
    sender: http1::SendRequest<Full<Bytes>>,
    pub(crate) address: SocketAddr,
    carrier: Carrier,
    pub(crate) token: Option<String>,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    /// The only value of a header.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        assert!(values.len() <= 1, "{values:?}");
        values.first().map(|value| value.to_str().unwrap())
    }

    /// The token that the client is given.
    pub(crate) fn token(&self) -> Option<String> {
        let cookie = || {
            let (pair, _) = self.header("set-cookie")?.split_once(';')?;
            Some(pair.strip_prefix("__Host-id=").or(pair.strip_prefix("id="))?.to_owned())
        };
        self.header("x-session-id").map(str::to_owned).or_else(cookie)
    }

    /// What does not come along with a response outside of every session.
    #[track_caller]
    pub(crate) fn assert_tells_nothing(&self) {
        for name in ["set-cookie", "x-session-id", "cache-control"] {
            assert_eq!(self.header(name), None, "{name}");
        }
    }

    /// What comes along with a response in a session that the client knows.
    #[track_caller]
    pub(crate) fn assert_is_private(&self) {
        let told = ["set-cookie", "x-session-id"].map(|name| self.header(name));
        assert_eq!((told, self.header("cache-control")), ([None; 2], Some("private")));
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, carrier: Carrier) -> Self {
        let socket = TcpStream::connect(address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
        start(async { drop(connection.with_upgrades().await) });
        Self { sender, address, carrier, token: None }
    }

    /// On a connection of its own, with the same token.
    pub(crate) async fn again(&self) -> Self {
        Self { token: self.token.clone(), ..Self::connect(self.address, self.carrier).await }
    }

    /// Another one, with a token of its own.
    pub(crate) fn with(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", self.address.to_string());
        match &self.token {
            Some(token) => self.carrier.put(token, request),
            None => request,
        }
    }

    /// The head of the response.
    pub(crate) async fn begin(&mut self, request: Builder) -> Response<Incoming> {
        self.try_begin(request).await.unwrap()
    }

    /// The head of the response, if there is one before the connection is gone.
    pub(crate) async fn try_begin(
        &mut self,
        request: Builder,
    ) -> Result<Response<Incoming>, hyper::Error> {
        self.sender.ready().await.unwrap();
        self.sender.send_request(request.body(Full::default()).unwrap()).await
    }

    /// Sends a request, and takes no notice of what it is told.
    pub(crate) async fn begin_and_end(&mut self, path: &str) -> Reply {
        let request = self.request(Method::GET, path);
        self.reply(request).await
    }

    async fn reply(&mut self, request: Builder) -> Reply {
        let (parts, body) = self.begin(request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Sends a request, and keeps the token as it is told.
    pub(crate) async fn send(&mut self, request: Builder) -> Reply {
        let reply = self.reply(request).await;
        match reply.token() {
            Some(token) if token.is_empty() => self.token = None,
            Some(token) => self.token = Some(token),
            None => {}
        }
        reply
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, path: &str) -> Reply {
        let request = self.request(Method::POST, path);
        self.send(request).await
    }

    /// The body of a response that has to be 200.
    #[track_caller]
    pub(crate) fn ask(&mut self, path: &str) -> impl Future<Output = String> {
        let at = std::panic::Location::caller();
        async move {
            let reply = self.post(path).await;
            assert_eq!(reply.status, StatusCode::OK, "at {at}: {}", reply.body);
            reply.body
        }
    }
}
