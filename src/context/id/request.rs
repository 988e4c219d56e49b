//! The ID of one request, the same in its context, its log lines and its outgoing calls.

use super::InvalidId;
use super::text::Text;
use super::text_id;
use uuid::Uuid;

/// Names one request.
///
/// [`RequestId::new`] makes a random UUID (version 4, RFC 9562) in its hyphenated form; a foreign
/// one is taken by [`parse`](str::parse) if it is `[A-Za-z0-9._-]{1,128}`, so it can stand in a
/// header, a log line and a file name as it is. It is no secret and no proof of anything.
///
/// ```
/// use request_context::RequestId;
///
/// assert_eq!(RequestId::new().as_str().len(), 36);
/// assert_eq!("01J9-edge.7".parse::<RequestId>()?.as_str(), "01J9-edge.7");
/// assert!("two words".parse::<RequestId>().is_err_and(|error| error.is_illegal_character()));
/// # Ok::<_, request_context::InvalidId>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    text: Text<38>,
}

impl RequestId {
    const MAX_BYTES: usize = 128;

    /// Makes a fresh one, rendered here and never again.
    #[must_use]
    pub fn new() -> Self {
        let write = |bytes: &mut [u8]| Uuid::new_v4().hyphenated().encode_lower(bytes).len();
        Self { text: Text::written(write) }
    }

    fn check(text: &str) -> Result<(), InvalidId> {
        let is_legal =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        InvalidId::check("request ID", text, Self::MAX_BYTES, is_legal, |c| {
            u8::try_from(c).is_ok_and(is_legal)
        })
    }
}

impl Default for RequestId {
    /// Makes a fresh one, as [`RequestId::new`] does.
    fn default() -> Self {
        Self::new()
    }
}

text_id!(RequestId);
