//! [`JwtBearer`]: authenticates by a signed token.

use super::error::ConfigFault;
use super::error::JwtConfigError;
use super::error::Rejected;
use super::header::UnverifiedHeader;
use super::key::Key;
#[cfg(feature = "access")]
use crate::access::AuthenticatedBy;
use crate::context::Identity;
use crate::tower::Authenticate;
use crate::tower::Authentication;
use crate::tower::bearer_token;
use http::request::Parts;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::decode;
use serde_json::Map;
use serde_json::Value;
use std::fmt;
use std::future::Ready;
use std::future::ready;
use std::time::Duration;

/// Authenticates by a signed JWT in the `Authorization` header; see the [module docs](super).
///
/// No header is [anonymous](Authentication::Anonymous); a header that is not one valid token is
/// [rejected](Authentication::Rejected). The client is not told why. The log is, by an event at level
/// DEBUG with a field `reason` (feature `tracing`), in which nothing of the token stands.
///
/// ```
/// use jsonwebtoken::Algorithm;
/// use jsonwebtoken::DecodingKey;
/// use request_context::tower::RequestContextLayer;
/// use request_context::tower::jwt::JwtBearer;
///
/// # let pem = b"-----BEGIN PUBLIC KEY-----
/// # MCowBQYDK2VwAyEA2+Jj2UvNCvQiUPNYRgSi0cJSPiJI6Rs6D0UTeEpQVj8=
/// # -----END PUBLIC KEY-----";
/// let tokens = JwtBearer::new("https://issuer.example", "https://api.example")
///     .key("2026-11", Algorithm::EdDSA, DecodingKey::from_ed_pem(pem)?)?
///     // Access tokens, and no ID token of the same issuer.
///     .token_type("at+jwt");
/// let layer = RequestContextLayer::new().authenticate(tokens);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[must_use = "it authenticates nothing until it is given to a layer"]
pub struct JwtBearer {
    issuer: String,
    audience: String,
    token_type: String,
    leeway: Duration,
    keys: Vec<Key>,
    identify: Box<Identify>,
}

type Identify = dyn Fn(&Map<String, Value>) -> Option<Identity> + Send + Sync;

impl JwtBearer {
    /// The longest leeway for `exp` and `nbf`, for clocks that differ.
    const MAX_LEEWAY: Duration = Duration::from_secs(60);

    /// Accepts tokens of `issuer` for `audience`, of type `JWT`, once there is a
    /// [key](Self::key). The claim `sub` is the user.
    ///
    /// The ID tokens of OpenID Connect are of type `JWT` as well. If the issuer makes those, have it
    /// make access tokens of RFC 9068 and say [`token_type("at+jwt")`](Self::token_type); else the
    /// audience alone keeps the two apart, so it must not be the ID of an OpenID client.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            token_type: "JWT".to_owned(),
            leeway: Duration::ZERO,
            keys: Vec::new(),
            identify: Box::new(subject),
        }
    }

    /// Adds a key, which is for this algorithm alone.
    ///
    /// A token names its key by `kid`; without one it is accepted only while there is a single key.
    ///
    /// # Errors
    /// [`JwtConfigError`] if there is a key of that ID already, or if the key is not one of the
    /// algorithm or too short for it (RFC 7518, sections 3.2 and 3.3). That a secret is random is up
    /// to whoever makes it.
    ///
    /// # Panics
    /// If another crate turns on another cryptography of `jsonwebtoken` than `rust_crypto` and the
    /// program has not said which is the one, by
    /// [`CryptoProvider::install_default`](jsonwebtoken::crypto::CryptoProvider::install_default).
    pub fn key(
        mut self,
        id: impl Into<String>,
        algorithm: Algorithm,
        key: DecodingKey,
    ) -> Result<Self, JwtConfigError> {
        let id = id.into();
        if self.keys.iter().any(|key| key.id == id) {
            return Err(JwtConfigError { kind: ConfigFault::DuplicateKeyId });
        }
        let mut key = Key::new(id, algorithm, key, &self.issuer, &self.audience)?;
        key.set_leeway(self.leeway);
        self.keys.push(key);
        Ok(self)
    }

    /// Expects another `typ` than `JWT`: `at+jwt` for access tokens of RFC 9068. Compared without
    /// case, and without the prefix `application/` (RFC 7515, section 4.1.9).
    pub fn token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_type = token_type.into();
        self
    }

    /// Forgives clocks that differ by so much, in whole seconds. None by default.
    ///
    /// # Errors
    /// [`JwtConfigError`] if it is longer than 60 seconds.
    pub fn leeway(mut self, leeway: Duration) -> Result<Self, JwtConfigError> {
        if leeway > Self::MAX_LEEWAY {
            return Err(JwtConfigError { kind: ConfigFault::LongLeeway });
        }
        self.leeway = leeway;
        for key in &mut self.keys {
            key.set_leeway(leeway);
        }
        Ok(self)
    }

    /// Makes the identity of the verified claims in another way; `None` rejects the token.
    ///
    /// It runs inside the layer's `call`, for each token, so it must not block. What has to ask others
    /// is an [`Authenticate`] of its own.
    pub fn identify(
        mut self,
        identify: impl Fn(&Map<String, Value>) -> Option<Identity> + Send + Sync + 'static,
    ) -> Self {
        self.identify = Box::new(identify);
        self
    }

    fn verify(&self, token: &str) -> Result<Identity, Rejected> {
        let header = UnverifiedHeader::of(token)?;
        if header.is_critical() {
            return Err(Rejected::CriticalExtension);
        }
        if !header.token_type().is_some_and(|token_type| self.is_expected(token_type)) {
            return Err(Rejected::Type);
        }
        let key = self.key_of(header.key_id()).ok_or(Rejected::Key)?;
        if header.algorithm() != Some(key.algorithm) {
            return Err(Rejected::Algorithm);
        }
        let decoded = decode(token, &key.key, &key.validation);
        let claims: Map<String, Value> = decoded.map_err(|error| Rejected::by(&error))?.claims;
        // One string (RFC 7519, section 4.1.1); the library takes a list as well.
        if !claims.get("iss").is_some_and(Value::is_string) {
            return Err(Rejected::Issuer);
        }
        let identity = (self.identify)(&claims).ok_or(Rejected::Identity)?;
        // Unless `identify` knows more.
        #[cfg(feature = "access")]
        let identity = identity.or_insert(AuthenticatedBy::new("bearer token"));
        Ok(identity)
    }

    fn is_expected(&self, token_type: &str) -> bool {
        const PREFIX: &str = "application/";
        let has_prefix =
            token_type.get(..PREFIX.len()).is_some_and(|s| s.eq_ignore_ascii_case(PREFIX));
        let bare = if has_prefix { &token_type[PREFIX.len()..] } else { token_type };
        bare.eq_ignore_ascii_case(&self.token_type)
    }

    fn key_of(&self, id: Option<&str>) -> Option<&Key> {
        match (id, self.keys.as_slice()) {
            (Some(id), keys) => keys.iter().find(|key| key.id == id),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl Authenticate for JwtBearer {
    type Future = Ready<Authentication>;

    fn authenticate(&self, parts: &Parts) -> Self::Future {
        let verified = match bearer_token(&parts.headers) {
            Ok(None) => return ready(Authentication::Anonymous),
            Ok(Some(token)) => self.verify(token),
            Err(error) => Err(Rejected::Authorization(error)),
        };
        ready(match verified {
            Ok(identity) => Authentication::Identified(identity),
            Err(reason) => {
                note(&reason);
                Authentication::rejected()
            }
        })
    }
}

#[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "there is no log"))]
fn note(reason: &Rejected) {
    #[cfg(feature = "tracing")]
    tracing::debug!(%reason, "bearer token rejected");
}

fn subject(claims: &Map<String, Value>) -> Option<Identity> {
    let user = claims.get("sub")?.as_str()?.parse().ok()?;
    Some(Identity::new(user))
}

/// Keys are not printed.
impl fmt::Debug for JwtBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBearer")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("token_type", &self.token_type)
            .field("leeway", &self.leeway)
            .field("keys", &self.keys.iter().map(|key| &key.id).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
