//! `TestRequest`: a request that a visitor sends.

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Uri;
use http::header::CONTENT_TYPE;

/// A request that a visitor sends. What is malformed is told when the test runs.
///
/// ```
/// use request_context::testing::TestRequest;
///
/// let request = TestRequest::post("/notes").header("x-team", "blue").json(r#"{"text": "hello"}"#);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent by what returns it to the test"]
pub struct TestRequest {
    pub(super) method: Method,
    pub(super) uri: Result<Uri, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// What is said over a WebSocket, if it is to become one.
    pub(super) messages: Option<Vec<Bytes>>,
    pub(super) fault: Option<String>,
}

impl TestRequest {
    /// A request of this method.
    pub fn new(method: Method, path: &str) -> Self {
        let uri = path.parse().map_err(|error| format!("the path {path:?}: {error}"));
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { method, uri, headers, body, messages: None, fault: None }
    }

    /// `GET` of a path, which may have a query.
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    /// `POST` to a path.
    pub fn post(path: &str) -> Self {
        Self::new(Method::POST, path)
    }

    /// `PUT` to a path.
    pub fn put(path: &str) -> Self {
        Self::new(Method::PUT, path)
    }

    /// `PATCH` of a path.
    pub fn patch(path: &str) -> Self {
        Self::new(Method::PATCH, path)
    }

    /// `DELETE` of a path.
    pub fn delete(path: &str) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Opens a WebSocket, over a connection of its own: HTTP/1.1, in memory where the service is.
    ///
    /// The visitor says each [`message`](Self::message) once the one before was answered or a second
    /// has gone by, listens for another second, and closes. Each message of the server is searched as
    /// [`Sink::WebSocket`](crate::testing::Sink::WebSocket), and all of them together are the body.
    ///
    /// ```
    /// use request_context::testing::{LeakTest, Sink, TestRequest};
    /// # use axum::extract::ws::WebSocketUpgrade;
    /// # fn app() -> axum::Router {
    /// #     let echo = |upgrade: WebSocketUpgrade| async {
    /// #         upgrade.on_upgrade(|mut socket| async move {
    /// #             while let Some(Ok(message)) = socket.recv().await {
    /// #                 if socket.send(message).await.is_err() {
    /// #                     break;
    /// #                 }
    /// #             }
    /// #         })
    /// #     };
    /// #     axum::Router::new().route("/chat", axum::routing::get(echo))
    /// # }
    ///
    /// LeakTest::new(app)
    ///     .request(|me, _, _| TestRequest::web_socket("/chat").message(me.canary("text")))
    ///     .expect_own(Sink::WebSocket)
    ///     .seeds(0..10)
    ///     .assert_isolated();
    /// ```
    pub fn web_socket(path: &str) -> Self {
        let request = Self::get(path)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==");
        Self { messages: Some(Vec::new()), ..request }
    }

    /// Says this text over the [WebSocket](Self::web_socket), after what it says already; without one
    /// it does nothing.
    pub fn message(mut self, text: impl Into<Bytes>) -> Self {
        if let Some(messages) = &mut self.messages {
            messages.push(text.into());
        }
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let parsed = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = parsed {
            self.headers.append(name, value);
        } else {
            self.fault = Some(format!("the header {name:?}: {value:?} is no legal one"));
        }
        self
    }

    /// With this body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// With this body, whose type is `application/json`.
    pub fn json(self, json: impl Into<Bytes>) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json").body(json)
    }

    /// With this body, whose type is `application/x-www-form-urlencoded`.
    pub fn form(self, form: impl Into<Bytes>) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded").body(form)
    }

    /// The first value of a header, if it is text.
    pub(super) fn has(&self, name: &HeaderName) -> bool {
        self.headers.contains_key(name)
    }

    pub(super) fn path(&self) -> &str {
        self.uri.as_ref().map_or("", Uri::path)
    }

    /// What is wrong with it, if anything is.
    pub(super) fn fault(&self) -> Option<&str> {
        self.uri.as_ref().err().or(self.fault.as_ref()).map(String::as_str)
    }
}

impl<B: Into<Bytes>> From<Request<B>> for TestRequest {
    fn from(request: Request<B>) -> Self {
        let (head, body) = request.into_parts();
        let mut complete = Self::new(head.method, "/").body(body);
        (complete.uri, complete.headers) = (Ok(head.uri), head.headers);
        complete
    }
}
