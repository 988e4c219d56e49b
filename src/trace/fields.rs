//! Which IDs are shown, and how.

use super::span::REQUEST_ID;
use super::span::SESSION_ID;
use super::span::USER_ID;
#[cfg(feature = "tracing-layer")]
use super::user_digest::UserDigest;
use crate::context::RequestContext;

/// Chooses which of `request.id`, `session.id` and `user.id` are written to the log.
///
/// ```
/// use request_context::LogFields;
///
/// let fields = LogFields::all().without_session_id();
/// ```
///
/// Where a user ID is personal data, write a keyed digest instead, by `hashing_user_id` (feature
/// `tracing-layer`): lines of one user can still be found together, and the ID cannot be guessed
/// back without the key.
#[derive(Clone, Debug)]
#[must_use = "it chooses nothing until it is given to a layer or a hook"]
pub struct LogFields {
    request_id: bool,
    session_id: bool,
    user_id: UserField,
}

#[derive(Clone, Debug)]
enum UserField {
    Omitted,
    Plain,
    #[cfg(feature = "tracing-layer")]
    Hashed(UserDigest),
}

impl LogFields {
    /// All three, as they are.
    pub const fn all() -> Self {
        Self { request_id: true, session_id: true, user_id: UserField::Plain }
    }

    /// Leaves `request.id` out.
    pub fn without_request_id(mut self) -> Self {
        self.request_id = false;
        self
    }

    /// Leaves `session.id` out.
    pub fn without_session_id(mut self) -> Self {
        self.session_id = false;
        self
    }

    /// Leaves `user.id` out.
    pub fn without_user_id(mut self) -> Self {
        self.user_id = UserField::Omitted;
        self
    }

    /// Writes as `user.id` the first 128 bits of its HMAC-SHA-256 (RFC 2104) under `key`, as
    /// `hmac-sha256:` and 32 hexadecimal digits.
    ///
    /// Take the 32 bytes from a random source and keep them secret: who has the key can find the
    /// user of a digest by trying. Computed once per context and layer. The span of the request still has the ID as it
    /// is, for other layers: leave it out there by a filter of theirs.
    #[cfg(feature = "tracing-layer")]
    pub fn hashing_user_id(mut self, key: &[u8; 32]) -> Self {
        self.user_id = UserField::Hashed(UserDigest::new(key));
        self
    }

    /// Calls `write` with the name and the text of each field that is chosen and present.
    ///
    /// It runs while the context is borrowed, so `write` must run no code of the user's.
    pub(super) fn each(&self, context: &RequestContext, mut write: impl FnMut(&str, &str)) {
        if self.request_id {
            write(REQUEST_ID, context.request_id().as_str());
        }
        if self.session_id
            && let Some(session) = context.session()
        {
            write(SESSION_ID, session.as_str());
        }
        match (&self.user_id, context.user()) {
            (UserField::Omitted, _) | (_, None) => {}
            (UserField::Plain, Some(user)) => write(USER_ID, user.as_str()),
            #[cfg(feature = "tracing-layer")]
            (UserField::Hashed(digest), Some(user)) => {
                write(USER_ID, &digest.of(user));
            }
        }
    }
}

impl Default for LogFields {
    /// All three, as they are.
    fn default() -> Self {
        Self::all()
    }
}
