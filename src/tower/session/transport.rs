//! [`Transport`]: where the token is on the way.

use super::cookie::SessionCookie;
use super::websocket;
use crate::session::SessionToken;
use crate::tower::AuthorizationError;
use crate::tower::bearer_token;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::header::Entry;
use http::request::Parts;

/// Where the token is on the way: in one place and no other (OWASP Session Management Cheat Sheet,
/// "Session ID Exchange Mechanisms"), and never in a URL (OWASP ASVS 5.0, 14.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a transport does nothing until it is that of a layer"]
pub struct Transport {
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Header(HeaderName),
    Bearer,
    Cookie(SessionCookie),
}

const SESSION_HEADER: HeaderName = HeaderName::from_static("x-session-id");

impl Transport {
    /// The header `x-session-id`, both ways: for programs.
    pub fn header() -> Self {
        Self::header_named(SESSION_HEADER)
    }

    /// Another header, both ways.
    pub fn header_named(name: HeaderName) -> Self {
        Self { kind: Kind::Header(name) }
    }

    /// `Authorization: Bearer …` (RFC 6750), and `x-session-id` on the way back: for programs whose
    /// tools know bearer tokens. An authenticator of the
    /// [`RequestContextLayer`](crate::tower::RequestContextLayer) would read the same header: have
    /// none then.
    pub fn bearer() -> Self {
        Self { kind: Kind::Bearer }
    }

    /// A cookie, for browsers. A browser sends it along with whatever any site makes it ask: see
    /// [what that means](super#cookies-and-other-sites).
    pub fn cookie() -> SessionCookie {
        SessionCookie::new()
    }

    /// What the request has for a token, and to whom the answer goes. What was read is taken out of the
    /// request; the headers that hold it are marked before, so that who prints them does not print it.
    pub(super) fn credential(&self, parts: &mut Parts) -> (Credential, Client) {
        let (credential, client) = self.read(parts);
        if let Credential::Token(_) | Credential::Malformed = credential {
            match &self.kind {
                Kind::Header(name) => drop(parts.headers.remove(name)),
                Kind::Bearer => drop(parts.headers.remove(AUTHORIZATION)),
                Kind::Cookie(cookie) => cookie.take_out(&mut parts.headers, client.is_insecure),
            }
        }
        (credential, client)
    }

    fn read(&self, parts: &mut Parts) -> (Credential, Client) {
        match &self.kind {
            Kind::Header(name) => (header_credential(name, parts), Client::default()),
            Kind::Bearer => (bearer_credential(parts), Client::default()),
            Kind::Cookie(cookie) => {
                let is_insecure = cookie.is_insecure_for(parts);
                let credential = match cookie.credential(parts, is_insecure) {
                    Credential::Token(_)
                        if websocket::is_handshake(parts)
                            && !cookie.is_from_allowed_origin(parts, is_insecure) =>
                    {
                        Credential::OfOtherOrigin
                    }
                    credential => credential,
                };
                (credential, Client { is_insecure })
            }
        }
    }

    /// Has the client take the token.
    pub(super) fn give(&self, token: &SessionToken, headers: &mut HeaderMap, client: Client) {
        match &self.kind {
            Kind::Header(name) => set(name, token, headers),
            Kind::Bearer => set(&SESSION_HEADER, token, headers),
            Kind::Cookie(cookie) => cookie.give(token, headers, client.is_insecure),
        }
    }

    /// Has the client drop its token, where that is not left to the client itself; whether so.
    pub(super) fn forget(&self, headers: &mut HeaderMap, client: Client) -> bool {
        match &self.kind {
            Kind::Header(_) | Kind::Bearer => false,
            Kind::Cookie(cookie) => {
                cookie.forget(headers, client.is_insecure);
                true
            }
        }
    }
}

impl From<SessionCookie> for Transport {
    fn from(cookie: SessionCookie) -> Self {
        Self { kind: Kind::Cookie(cookie) }
    }
}

/// What a request has for a token.
pub(super) enum Credential {
    None,
    Token(SessionToken),
    /// Something that is no token.
    Malformed,
    /// Two of them, or one of another kind.
    Rejected,
    /// A cookie that came along with a page of another origin.
    OfOtherOrigin,
}

impl Credential {
    pub(super) fn of(text: &[u8]) -> Self {
        let token = str::from_utf8(text).ok().and_then(|text| SessionToken::parse(text).ok());
        token.map_or(Self::Malformed, Self::Token)
    }
}

/// What of a request matters for its response.
#[derive(Clone, Copy, Default)]
pub(super) struct Client {
    pub(super) is_insecure: bool,
}

fn header_credential(name: &HeaderName, parts: &mut Parts) -> Credential {
    sensitive(&mut parts.headers, name);
    let mut values = parts.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Credential::None,
        (Some(value), None) => Credential::of(value.as_bytes()),
        (Some(_), Some(_)) => Credential::Rejected,
    }
}

fn bearer_credential(parts: &mut Parts) -> Credential {
    sensitive(&mut parts.headers, &AUTHORIZATION);
    match bearer_token(&parts.headers) {
        Ok(None) => Credential::None,
        Ok(Some(token)) => Credential::of(token.as_bytes()),
        Err(error) if AuthorizationError::is_malformed(&error) => Credential::Malformed,
        Err(_) => Credential::Rejected,
    }
}

/// Has the values of a header not be printed.
pub(super) fn sensitive(headers: &mut HeaderMap, name: &HeaderName) {
    if let Ok(Entry::Occupied(mut values)) = headers.try_entry(name) {
        values.iter_mut().for_each(|value| value.set_sensitive(true));
    }
}

#[expect(clippy::expect_used, reason = "a token is printable ASCII")]
fn set(name: &HeaderName, token: &SessionToken, headers: &mut HeaderMap) {
    let value = token.reveal(HeaderValue::from_str);
    let mut value = value.expect("a token is printable ASCII");
    value.set_sensitive(true);
    headers.insert(name, value);
}
