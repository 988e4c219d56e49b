//! [`SessionCookie`]: the token in a cookie that scripts, other hosts and other sites do not get.

use super::transport::Credential;
use super::transport::sensitive;
use crate::session::SessionToken;
use crate::tower::client::Origin;
use http::HeaderMap;
use http::HeaderValue;
use http::Uri;
use http::header::COOKIE;
use http::header::FORWARDED;
use http::header::HOST;
use http::header::SET_COOKIE;
use http::header::VIA;
use http::request::Parts;
use http::uri::Authority;

/// The cookie that holds the token: `__Host-id=…; Path=/; Secure; HttpOnly; SameSite=Lax`.
///
/// By the prefix `__Host-` a browser takes it only over TLS, only for the whole host, and from nobody
/// else than the host itself: no subdomain can plant one (RFC 6265bis, 4.1.3.2). It has no `Max-Age`:
/// the browser forgets it at its end, and the store enforces the [timeouts](crate::session::Timeouts)
/// whatever the browser does.
///
/// ```
/// use request_context::tower::session::SameSite;
/// use request_context::tower::session::Transport;
///
/// let cookie = Transport::cookie()
///     .name("shop")
///     .same_site(SameSite::Strict)
///     .allowed_origins(["https://www.example.com".parse()?]);
/// # Ok::<_, request_context::tower::client::InvalidOrigin>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a cookie does nothing until it is the transport of a layer"]
pub struct SessionCookie {
    /// With the prefix.
    name: String,
    same_site: SameSite,
    allowed_origins: Vec<Origin>,
    is_insecure_on_localhost: bool,
}

/// On which requests from other sites a browser sends the cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// On those by which the user comes to this site, by a link: what a `GET` does must do no harm.
    #[default]
    Lax,
    /// On none: who comes by a link is not logged in on the first page.
    Strict,
}

const PREFIX: &str = "__Host-";

impl SessionCookie {
    pub(super) fn new() -> Self {
        Self {
            name: format!("{PREFIX}id"),
            same_site: SameSite::Lax,
            allowed_origins: Vec::new(),
            is_insecure_on_localhost: false,
        }
    }

    /// Names the cookie `__Host-` and this. The default is `id`: a name that tells nothing of what is
    /// behind it (OWASP Session Management Cheat Sheet, "Session ID Name Fingerprinting").
    ///
    /// # Panics
    /// Unless it is 1 to 64 of `A-Z a-z 0-9 . _ -`, and begins with none of the last three.
    pub fn name(self, name: &str) -> Self {
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        assert!(
            name.len() <= 64
                && name.starts_with(|first: char| first.is_ascii_alphanumeric())
                && name.bytes().all(is_legal),
            "`{name}` is no name for a session cookie: take letters, digits, `.`, `_` and `-`, \
             without a prefix such as `__Host-`"
        );
        Self { name: format!("{PREFIX}{name}"), ..self }
    }

    /// Sets on which requests from other sites the browser sends it.
    pub fn same_site(self, same_site: SameSite) -> Self {
        Self { same_site, ..self }
    }

    /// From which other origins a page may open a WebSocket with the cookie, beside the server's own:
    /// `https://` and the `Host` that was asked. Name your own here if a proxy changes the `Host`.
    pub fn allowed_origins(self, origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { allowed_origins: origins.into_iter().collect(), ..self }
    }

    /// For development without TLS: **on `localhost`**, `127.0.0.1` and `[::1]`, and there only, the
    /// cookie is without `Secure` and `__Host-`, since not every browser takes them over plain http.
    /// The first time is worth a warning in the log.
    ///
    /// Any other `Host` gets the secure cookie, and so does a request that came through a proxy, which
    /// may say `localhost` for any host: one with `Forwarded`, `Via`, `X-Real-IP` or any
    /// `X-Forwarded-…`. This is no reason to have it in production: a proxy may send none of them, as
    /// nginx does unless it is told to (`proxy_pass http://localhost:3000;` sends this `Host` and
    /// nothing of the client's).
    pub fn insecure_on_localhost(self) -> Self {
        Self { is_insecure_on_localhost: true, ..self }
    }

    /// Whether the request gets the cookie without `Secure`.
    pub(super) fn is_insecure_for(&self, parts: &Parts) -> bool {
        self.is_insecure_on_localhost
            && !is_proxied(&parts.headers)
            && host(parts).is_some_and(|host| {
                matches!(host.host(), "127.0.0.1" | "[::1]")
                    || host.host().eq_ignore_ascii_case("localhost")
            })
    }

    pub(super) fn credential(&self, parts: &mut Parts, is_insecure: bool) -> Credential {
        sensitive(&mut parts.headers, &COOKIE);
        let lines = parts.headers.get_all(COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        let name = self.name_for(is_insecure).as_bytes();
        let mut values = pairs.filter_map(|pair| value_of(name, pair));
        let Some(value) = values.next() else { return Credential::None };
        // Two readers might each take the other one.
        if values.next().is_some() {
            return Credential::Rejected;
        }
        Credential::of(value)
    }

    /// Takes the cookie out of the request, and leaves the others as they are.
    pub(super) fn take_out(&self, headers: &mut HeaderMap, is_insecure: bool) {
        let name = self.name_for(is_insecure).as_bytes();
        let lines = headers.get_all(COOKIE).iter();
        let lines: Vec<_> = lines.filter_map(|line| without(name, line)).collect();
        headers.remove(COOKIE);
        for line in lines {
            headers.append(COOKIE, line);
        }
    }

    /// Whether the page that opens a WebSocket may do so with the cookie. Browsers let any page of any
    /// site open one, and always say which it was (RFC 6455, 10.2).
    pub(super) fn is_from_allowed_origin(&self, parts: &Parts, is_insecure: bool) -> bool {
        let mut origins = parts.headers.get_all(http::header::ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
        let origin = origin.to_str().ok().and_then(|text| text.parse::<Origin>().ok());
        let Some(origin) = origin else { return false };
        let own = |scheme: &str| {
            let host = host(parts)?;
            Uri::builder().scheme(scheme).authority(host).path_and_query("/").build().ok()
        };
        let is_own =
            |scheme: &str| own(scheme).and_then(|uri| Origin::of(&uri)).as_ref() == Some(&origin);
        is_own("https") || is_insecure && is_own("http") || self.allowed_origins.contains(&origin)
    }

    pub(super) fn give(&self, token: &SessionToken, headers: &mut HeaderMap, is_insecure: bool) {
        token.reveal(|text| self.set(text, "", headers, is_insecure));
    }

    pub(super) fn forget(&self, headers: &mut HeaderMap, is_insecure: bool) {
        self.set("", "; Max-Age=0", headers, is_insecure);
    }

    #[expect(clippy::expect_used, reason = "name, token and attributes are printable ASCII")]
    fn set(&self, value: &str, end: &str, headers: &mut HeaderMap, is_insecure: bool) {
        let name = self.name_for(is_insecure);
        let secure = if is_insecure { "" } else { " Secure;" };
        let same_site = match self.same_site {
            SameSite::Lax => "Lax",
            SameSite::Strict => "Strict",
        };
        let text = format!("{name}={value}; Path=/;{secure} HttpOnly; SameSite={same_site}{end}");
        let mut value = HeaderValue::try_from(text).expect("a cookie is printable ASCII");
        value.set_sensitive(true);
        headers.append(SET_COOKIE, value);
    }

    fn name_for(&self, is_insecure: bool) -> &str {
        if is_insecure { &self.name[PREFIX.len()..] } else { &self.name }
    }
}

/// The value of a pair, if it is the cookie of this name.
fn value_of<'a>(name: &[u8], pair: &'a [u8]) -> Option<&'a [u8]> {
    let pair = pair.trim_ascii();
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    (pair[..equals].trim_ascii() == name).then(|| pair[equals + 1..].trim_ascii())
}

/// A line without the cookie of this name; `None` if nothing is left of it.
fn without(name: &[u8], line: &HeaderValue) -> Option<HeaderValue> {
    let is_other = |pair: &&[u8]| value_of(name, pair).is_none();
    let pairs = || line.as_bytes().split(|byte| *byte == b';');
    if pairs().all(|pair| is_other(&pair)) {
        return Some(line.clone());
    }
    let left: Vec<_> = pairs().filter(is_other).collect();
    let mut line = HeaderValue::from_bytes(left.join(&b';').trim_ascii_start()).ok()?;
    line.set_sensitive(true);
    (!line.is_empty()).then_some(line)
}

/// Whether a proxy says that it has passed the request on.
fn is_proxied(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED)
        || headers.contains_key(VIA)
        || headers.contains_key("x-real-ip")
        || headers.keys().any(|name| name.as_str().starts_with("x-forwarded-"))
}

/// The host that the client asked.
fn host(parts: &Parts) -> Option<Authority> {
    if let Some(authority) = parts.uri.authority() {
        return Some(authority.clone());
    }
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    Authority::try_from(host.as_bytes()).ok()
}
