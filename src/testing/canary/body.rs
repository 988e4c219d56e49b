//! Bodies, without their content codings.

use super::body_error::DecodeError;
use brotli_decompressor::Decompressor;
use flate2::read::DeflateDecoder;
use flate2::read::MultiGzDecoder;
use flate2::read::ZlibDecoder;
use ruzstd::decoding::StreamingDecoder;
use std::borrow::Cow;
use std::io;
use std::io::Read;

/// A body without its content codings, as far as it could be decoded.
///
/// # Examples
/// ```
/// use request_context::testing::canary::DecodedBody;
///
/// let body = DecodedBody::decode("", b"plain", DecodedBody::LIMIT);
/// assert_eq!(body.bytes(), b"plain");
/// assert!(body.error().is_none());
///
/// let body = DecodedBody::decode("gzip", b"not gzip", DecodedBody::LIMIT);
/// assert!(body.error().is_some_and(|error| error.is_malformed()));
/// ```
#[derive(Debug)]
pub struct DecodedBody<'a> {
    bytes: Cow<'a, [u8]>,
    error: Option<DecodeError>,
}

impl<'a> DecodedBody<'a> {
    /// A limit for tests: 64 MiB.
    pub const LIMIT: usize = 64 << 20;

    /// Undoes the codings of a `content-encoding` header, the last first (RFC 9110, 8.4).
    ///
    /// Never holds more than `limit` bytes of a decoded body, whatever the body claims, so that a
    /// decompression bomb does no harm. What was decoded before an error is kept: a canary in it
    /// counts.
    #[must_use]
    pub fn decode(content_encoding: &str, body: &'a [u8], limit: usize) -> Self {
        let mut decoded = Self { bytes: Cow::Borrowed(body), error: None };
        for coding in content_encoding.rsplit(',').map(str::trim) {
            if coding.is_empty() || coding.eq_ignore_ascii_case("identity") {
                continue;
            }
            let Some((bytes, error)) = undo(coding, &decoded.bytes, limit) else {
                decoded.error = Some(DecodeError::unknown(coding));
                break;
            };
            decoded = Self { bytes: Cow::Owned(bytes), error };
            if decoded.error.is_some() {
                break;
            }
        }
        decoded
    }

    /// The body, or as much of it as could be decoded.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Why not all of it could be decoded.
    #[must_use]
    pub const fn error(&self) -> Option<&DecodeError> {
        self.error.as_ref()
    }
}

/// `None` for a coding that is not known.
fn undo(coding: &str, body: &[u8], limit: usize) -> Option<(Vec<u8>, Option<DecodeError>)> {
    let coding = coding.to_ascii_lowercase();
    Some(match coding.as_str() {
        // An empty body has no header to read, and nothing to find.
        "gzip" | "x-gzip" | "deflate" | "br" | "zstd" if body.is_empty() => (Vec::new(), None),
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(body), limit),
        // The coding is zlib's format, but some servers send bare deflate (RFC 9110, 8.4.1.2).
        "deflate" if is_zlib(body) => read(ZlibDecoder::new(body), limit),
        "deflate" => read(DeflateDecoder::new(body), limit),
        "br" => read(Decompressor::new(body, BUFFER), limit),
        "zstd" => zstd(body, limit),
        _ => return None,
    })
}

const BUFFER: usize = 4096;

fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..]
        if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31))
}

/// A body may be several frames, one after the other (RFC 8878, 3).
fn zstd(mut body: &[u8], limit: usize) -> (Vec<u8>, Option<DecodeError>) {
    let mut bytes = Vec::new();
    while !body.is_empty() {
        let error = match StreamingDecoder::new(&mut body) {
            Ok(frame) => append(frame, limit, &mut bytes),
            Err(error) => Some(DecodeError::malformed(io::Error::other(error))),
        };
        if error.is_some() {
            return (bytes, error);
        }
    }
    (bytes, None)
}

fn read(decoder: impl Read, limit: usize) -> (Vec<u8>, Option<DecodeError>) {
    let mut bytes = Vec::new();
    let error = append(decoder, limit, &mut bytes);
    (bytes, error)
}

fn append(mut decoder: impl Read, limit: usize, bytes: &mut Vec<u8>) -> Option<DecodeError> {
    let mut buffer = [0; BUFFER];
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => return None,
            Ok(length) => {
                let length = length.min(buffer.len());
                let room = limit - bytes.len();
                bytes.extend_from_slice(&buffer[..length.min(room)]);
                if length > room {
                    return Some(DecodeError::too_long(limit));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Some(DecodeError::malformed(error)),
        }
    }
}
