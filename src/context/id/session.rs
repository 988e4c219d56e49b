//! The public handle of a session.

use super::InvalidId;
use super::text::Text;
use super::text_id;

/// Names one session: its public handle, which may be logged and stored.
///
/// 1 to 256 bytes without control characters. It is **not** the credential that the client holds:
/// whoever knows a `SessionId` can do nothing with it. Never make one from a cookie or a bearer
/// token as it came; derive it by a hash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId {
    text: Text<46>,
}

impl SessionId {
    const MAX_BYTES: usize = 256;

    /// The hash of a token, as text.
    #[cfg(feature = "session")]
    pub(crate) fn of_hash(text: [u8; 43]) -> Self {
        Self { text: Text::of(text) }
    }

    fn surely(text: &str) -> Option<Text<46>> {
        Text::printable(text)
    }

    fn check(text: &str) -> Result<(), InvalidId> {
        InvalidId::check("session ID", text, Self::MAX_BYTES, |c| !c.is_control())
    }
}

text_id!(SessionId);
