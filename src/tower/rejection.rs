//! The answers of the layer itself, in the terms of plain HTTP or of gRPC.

use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;

/// The challenges of RFC 6750, section 3.
pub(super) struct Challenge;

impl Challenge {
    pub(super) const INVALID_TOKEN: HeaderValue =
        HeaderValue::from_static("Bearer error=\"invalid_token\"");
    pub(super) const INVALID_REQUEST: HeaderValue =
        HeaderValue::from_static("Bearer error=\"invalid_request\"");
}

/// Which terms the client speaks: gRPC has its own status, in a header of a response that is 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http,
    Grpc,
}

impl Protocol {
    pub(super) fn of(parts: &Parts) -> Self {
        let is_grpc = parts.headers.get(CONTENT_TYPE).is_some_and(|value| {
            let (name, rest) = value.as_bytes().split_at(GRPC.len().min(value.len()));
            name.eq_ignore_ascii_case(GRPC) && matches!(rest, [] | [b'+' | b'-' | b';' | b' ', ..])
        });
        if is_grpc { Self::Grpc } else { Self::Http }
    }

    pub(super) fn unauthorized(self, challenge: HeaderValue) -> Response<()> {
        let mut response = self.response(StatusCode::UNAUTHORIZED, "16");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        response
    }

    pub(super) fn unavailable(self) -> Response<()> {
        self.response(StatusCode::SERVICE_UNAVAILABLE, "14")
    }

    fn response(self, status: StatusCode, grpc_status: &'static str) -> Response<()> {
        let mut response = Response::new(());
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::Http => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
                *response.status_mut() = status;
            }
            Self::Grpc => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
                headers.insert("grpc-status", HeaderValue::from_static(grpc_status));
            }
        }
        response
    }
}

/// Also the beginning of `application/grpc+proto`, `application/grpc-web`.
const GRPC: &[u8] = b"application/grpc";
