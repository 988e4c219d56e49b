//! `Reply`: what a visitor got for a request.

use bytes::Bytes;
use http::HeaderMap;
use http::StatusCode;

/// What a visitor got for a request; and what an async fn under test returns.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) error: Option<String>,
}

impl Reply {
    /// The status; 200 of an async fn.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The first value of a header, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body, as far as it came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, lossily decoded.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl From<Bytes> for Reply {
    fn from(body: Bytes) -> Self {
        Self { body, ..Self::default() }
    }
}

impl From<String> for Reply {
    fn from(body: String) -> Self {
        Bytes::from(body).into()
    }
}

impl From<&str> for Reply {
    fn from(body: &str) -> Self {
        body.to_owned().into()
    }
}

impl From<Vec<u8>> for Reply {
    fn from(body: Vec<u8>) -> Self {
        Bytes::from(body).into()
    }
}

impl From<()> for Reply {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<T: Into<Self>, E: ToString> From<Result<T, E>> for Reply {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(reply) => reply.into(),
            Err(error) => Self { error: Some(error.to_string()), ..Self::default() },
        }
    }
}
