//! [`Origin`]: who gets an identity.

use http::Uri;
use http::uri::Authority;
use http::uri::Scheme;
use std::error::Error;
use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// Scheme, host and port of a URL (RFC 6454): the unit that may be trusted with an identity.
///
/// Exact: no wildcard, no parent domain. The host is compared without case, a port that is left out
/// is that of the scheme.
///
/// ```
/// use request_context::tower::client::Origin;
///
/// let origin: Origin = "https://billing.internal".parse()?;
/// assert_eq!(origin, "HTTPS://Billing.Internal:443".parse()?);
/// assert_ne!(origin, "http://billing.internal".parse()?);
/// assert_ne!(origin, "https://billing.internal:8443".parse()?);
/// # Ok::<_, request_context::tower::client::InvalidOrigin>(())
/// ```
///
/// # Errors
/// A text is no origin, by [`InvalidOrigin`], if it has a path, a query, a fragment or a user name, or
/// what [`Origin::of`] takes for none.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    is_https: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute `http` or `https` URI; `None` for any other, and for one whose
    /// host is no plain name or address, whose port is impossible, or that has a user name: two
    /// parsers might read it in two ways.
    #[must_use]
    pub fn of(uri: &Uri) -> Option<Self> {
        let is_https = match uri.scheme()? {
            scheme if *scheme == Scheme::HTTPS => true,
            scheme if *scheme == Scheme::HTTP => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        let host = host(authority)?;
        let port = match authority.as_str().strip_prefix(authority.host())? {
            "" => default_port(is_https),
            port => port_of(port.strip_prefix(':')?)?,
        };
        Some(Self { is_https, host, port })
    }
}

fn default_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

fn port_of(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// In lower case, an IPv6 address in its one canonical form.
fn host(authority: &Authority) -> Option<String> {
    let host = authority.host();
    match host.strip_prefix('[') {
        Some(address) => {
            let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
            Some(format!("[{address}]"))
        }
        None => is_name(host).then(|| host.to_ascii_lowercase()),
    }
}

/// A DNS name or an IPv4 address: no wildcard, and nothing that would have to be decoded.
fn is_name(host: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !host.is_empty() && host.bytes().all(is_legal)
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin { _private: () })?;
        // A fragment is no part of a `Uri`, so it has to be looked for in the text.
        let is_bare = uri.path_and_query().is_none_or(|path| path == "/") && !text.contains('#');
        is_bare.then(|| Self::of(&uri)).flatten().ok_or(InvalidOrigin { _private: () })
    }
}

impl TryFrom<&str> for Origin {
    type Error = InvalidOrigin;

    fn try_from(text: &str) -> Result<Self, InvalidOrigin> {
        text.parse()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_https, host, port } = self;
        write!(f, "{}://{host}", if *is_https { "https" } else { "http" })?;
        if *port == default_port(*is_https) { Ok(()) } else { write!(f, ":{port}") }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

/// The text given is no origin: not `http://host`, `https://host`, or either with a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidOrigin {
    _private: (),
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an origin is `http` or `https`, a host and perhaps a port, and nothing else: \
             `https://billing.internal:8443`",
        )
    }
}

impl Error for InvalidOrigin {}
