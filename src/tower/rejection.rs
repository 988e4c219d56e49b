//! The answers of the layer itself, in the terms of plain HTTP or of gRPC.

use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;

/// Which terms the client speaks: gRPC has its own status, in a header of a response that is 200 and
/// has no body. For gRPC-Web the same, which its specification calls trailers-only, of a type that
/// the client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Grpc,
    GrpcWeb,
    GrpcWebText,
}

impl Protocol {
    /// The longest names first: each is how the next one begins.
    const BY_NAME: [(&str, Self); 3] = [
        ("application/grpc-web-text", Self::GrpcWebText),
        ("application/grpc-web", Self::GrpcWeb),
        ("application/grpc", Self::Grpc),
    ];

    pub(crate) fn of(parts: &Parts) -> Self {
        let Some(content_type) = parts.headers.get(CONTENT_TYPE) else { return Self::Http };
        let named = Self::BY_NAME.iter().find(|(name, _)| is_kind_of(content_type, name));
        named.map_or(Self::Http, |(_, protocol)| *protocol)
    }

    pub(crate) fn unauthorized(self, challenge: HeaderValue) -> Response<()> {
        let mut response = not_stored(self.response(StatusCode::UNAUTHORIZED, "16"));
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        response
    }

    pub(super) fn unavailable(self) -> Response<()> {
        not_stored(self.response(StatusCode::SERVICE_UNAVAILABLE, "14"))
    }

    /// For a fault of the server; tells nothing else.
    #[cfg(feature = "axum")]
    pub(crate) fn internal(self) -> Response<()> {
        self.response(StatusCode::INTERNAL_SERVER_ERROR, "13")
    }

    fn response(self, status: StatusCode, grpc_status: &'static str) -> Response<()> {
        let mut response = Response::new(());
        let named = Self::BY_NAME.iter().find(|(_, protocol)| *protocol == self);
        match named {
            None => {
                *response.status_mut() = status;
                set(&mut response, CONTENT_LENGTH, "0");
            }
            Some((name, _)) => {
                set(&mut response, CONTENT_TYPE, name);
                set(&mut response, HeaderName::from_static("grpc-status"), grpc_status);
            }
        }
        response
    }
}

/// Whether the content type is `name` itself, or one with a suffix, or with parameters.
fn is_kind_of(content_type: &HeaderValue, name: &str) -> bool {
    let (head, rest) = content_type.as_bytes().split_at(name.len().min(content_type.len()));
    head.eq_ignore_ascii_case(name.as_bytes())
        && matches!(rest, [] | [b'+' | b'-' | b';' | b' ', ..])
}

fn not_stored(mut response: Response<()>) -> Response<()> {
    set(&mut response, CACHE_CONTROL, "no-store");
    response
}

fn set(response: &mut Response<()>, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
