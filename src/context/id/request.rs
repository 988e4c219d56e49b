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

    /// The place of an ID that is still to be made; never to be seen.
    pub(in crate::context) const NONE: Self = Self { text: Text::of([]) };

    #[inline]
    pub(in crate::context) fn is_none(&self) -> bool {
        self.text.is_empty()
    }

    /// Makes a fresh one, rendered here and never again.
    #[must_use]
    pub fn new() -> Self {
        Self { text: Text::of(render(Uuid::new_v4())) }
    }

    /// The text, without a look at whether it is one: [`as_str`](Self::as_str) has to.
    #[cfg(all(feature = "tower", not(feature = "access")))]
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    fn surely(text: &str) -> Option<Text<38>> {
        Text::surely(text, |place| {
            let is_legal =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
            place.iter().fold(0, |doubts, byte| doubts | u8::from(!is_legal(*byte))) == 0
        })
    }

    fn check(text: &str) -> Result<(), InvalidId> {
        InvalidId::check("request ID", text, Self::MAX_BYTES, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
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

/// The hyphenated form of RFC 9562, as uuid writes it at twice the cost.
fn render(uuid: Uuid) -> [u8; 36] {
    /// Where the two digits of each byte stand.
    const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    let mut text = *b"........-....-....-....-............";
    for (byte, place) in uuid.into_bytes().into_iter().zip(PLACES) {
        let [high, low] = DIGITS[usize::from(byte)];
        text[place] = high;
        text[place + 1] = low;
    }
    text
}

/// The hexadecimal digits of each byte.
const DIGITS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = [digits[byte >> 4], digits[byte & 0xF]];
        byte += 1;
    }
    table
};
