//! Which requests open a WebSocket.

use http::Method;
use http::header::UPGRADE;
use http::request::Parts;

/// Whether the request may open a WebSocket: an upgrade over HTTP/1 (RFC 6455, 4.1), an extended
/// `CONNECT` over HTTP/2 (RFC 8441, 4), for which every `CONNECT` is taken.
pub(super) fn is_handshake(parts: &Parts) -> bool {
    let upgrades = parts.headers.get_all(UPGRADE).iter();
    let mut protocols = upgrades.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    parts.method == Method::CONNECT
        || protocols.any(|protocol| protocol.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}
