//! The bearer token of a session, which only the client and the edge know.

use crate::context::SessionId;
use base64ct::Base64UrlUnpadded;
use base64ct::Encoding;
use sha2::Digest;
use sha2::Sha256;
use std::error::Error;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;
use zeroize::Zeroizing;

/// Says what is hashed, so that the hash is never that of the same bytes elsewhere.
const DOMAIN: &[u8] = b"request-context session token v1\0";

/// Fills a place with random bytes, or fails.
pub(super) type Fill = fn(&mut [u8]) -> Result<(), getrandom::Error>;

/// The secret by which a client shows that a session is its own: 256 random bits (OWASP ASVS 5.0,
/// 7.2.3 asks for 128).
///
/// It exists at the edge only. Everything else knows the session by its [`SessionId`], which is a
/// hash of the token: whoever reads a log or the store cannot act as the session. It has no
/// `Display`, its `Debug` shows nothing, its memory is wiped when it is dropped, and it is compared
/// in constant time.
///
/// ```
/// use request_context::session::SessionToken;
///
/// let token = SessionToken::new()?;
/// let read = token.reveal(SessionToken::parse)?;
/// assert_eq!(read.session_id(), token.session_id());
/// assert_eq!(format!("{token:?}"), "SessionToken(..)");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct SessionToken(Box<[u8; 32]>);

impl SessionToken {
    /// The length of a token as text.
    pub const TEXT_BYTES: usize = 43;

    /// A fresh one, from the operating system's random source.
    ///
    /// # Errors
    /// [`NoRandomness`] if there is none; there is no weaker one to fall back to.
    pub fn new() -> Result<Self, NoRandomness> {
        Self::drawn_from(getrandom::fill)
    }

    pub(super) fn drawn_from(fill: Fill) -> Result<Self, NoRandomness> {
        let mut token = Self(Box::new([0; 32]));
        fill(&mut *token.0).map_err(|source| NoRandomness { source })?;
        Ok(token)
    }

    /// For the head of a response that goes out while its session is still being rotated.
    pub(super) fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    /// Reads what [`reveal`](Self::reveal) showed: 43 characters of base64url without padding (RFC
    /// 4648, section 5). Each token has exactly one text.
    ///
    /// # Errors
    /// [`InvalidToken`], which holds nothing of the text.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let mut token = Self(Box::new([0; 32]));
        match Base64UrlUnpadded::decode(text, &mut *token.0) {
            Ok(bytes) if bytes.len() == 32 && text.len() == Self::TEXT_BYTES => Ok(token),
            _ => Err(InvalidToken { _private: () }),
        }
    }

    /// Shows the text of the token to `read`, for the header or the cookie that takes it to the
    /// client; the text is wiped afterwards. Never log it.
    pub fn reveal<R>(&self, read: impl FnOnce(&str) -> R) -> R {
        let mut text = Zeroizing::new([0; Self::TEXT_BYTES]);
        // The place is as long as the text, so there is no other case.
        read(Base64UrlUnpadded::encode(&*self.0, &mut *text).unwrap_or_default())
    }

    /// The public handle of the session: the SHA-256 of the token, as 43 characters.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(self.0.as_slice()).finalize();
        let mut text = [b'-'; Self::TEXT_BYTES];
        let encoded = Base64UrlUnpadded::encode(&hash, &mut text);
        debug_assert!(encoded.is_ok(), "a hash fits its text");
        SessionId::of_hash(text)
    }
}

impl Drop for SessionToken {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for SessionToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for SessionToken {}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

/// The text is no session token: it is not one that this crate made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidToken {
    _private: (),
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a session token: 43 characters of base64url without padding")
    }
}

impl Error for InvalidToken {}

/// The operating system gave no random bytes.
#[derive(Debug)]
pub struct NoRandomness {
    source: getrandom::Error,
}

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system gave no random bytes for a session token")
    }
}

impl Error for NoRandomness {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::RequestContext;
    use crate::context::UserId;
    use crate::owner::Owner;
    use crate::session::MemoryStore;
    use crate::session::Outbox;
    use crate::session::Session;
    use crate::session::SessionError;
    use crate::session::Sessions;

    fn fails(place: &mut [u8]) -> Result<(), getrandom::Error> {
        // As a source does that fails halfway.
        place[0] = 7;
        Err(getrandom::Error::UNSUPPORTED)
    }

    #[test]
    fn without_randomness_there_is_no_token_and_the_error_says_why() {
        let error = SessionToken::drawn_from(fails).unwrap_err();
        assert!(error.to_string().contains("no random bytes"), "{error}");
        let source = error.source().and_then(|source| source.downcast_ref::<getrandom::Error>());
        assert_eq!(source, Some(&getrandom::Error::UNSUPPORTED));
    }

    #[tokio::test(start_paused = true)]
    async fn without_randomness_nothing_begins_and_nothing_ends() {
        let (store, outbox) = (MemoryStore::default(), Outbox::new());
        let sessions = Sessions::new(store.clone());
        let (_, opened) = sessions.create(&Owner::nobody()).await.unwrap();
        let without = sessions.clone().with_random(fails);
        let is_it = |error: SessionError| {
            let source = error.source().and_then(|source| source.downcast_ref::<NoRandomness>());
            assert!(error.is_unavailable() && source.is_some(), "{error:?}");
        };
        is_it(without.create(&Owner::nobody()).await.unwrap_err());

        let visitor = without.enter(&RequestContext::new(), None, &outbox).unwrap();
        let list = "history".parse().unwrap();
        let append = || async { Session::current().append(&list, "x").await };
        is_it(visitor.scope(append()).await.unwrap_err());
        assert_eq!(outbox.close(), None);

        let outbox = Outbox::new();
        let context = without.enter(&RequestContext::new(), Some(opened), &outbox).unwrap();
        let rotate = async { Session::current().rotate().await };
        is_it(context.clone().scope(rotate).await.err().unwrap());
        let ada: UserId = "ada".parse().unwrap();
        let log_in = async { Session::current().log_in(ada, None).await };
        is_it(context.clone().scope(log_in).await.err().unwrap());
        assert_eq!(context.clone().scope(append()).await.unwrap(), 0, "the session goes on");
        assert_eq!((store.len(), outbox.close()), (1, None));
    }
}
