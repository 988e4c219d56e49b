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
    pub(super) fault: Option<String>,
}

impl TestRequest {
    /// A request of this method.
    pub fn new(method: Method, path: &str) -> Self {
        let uri = path.parse().map_err(|error| format!("the path {path:?}: {error}"));
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { method, uri, headers, body, fault: None }
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

    /// `DELETE` of a path.
    pub fn delete(path: &str) -> Self {
        Self::new(Method::DELETE, path)
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
        let body = body.into();
        Self { method: head.method, uri: Ok(head.uri), headers: head.headers, body, fault: None }
    }
}
