//! The ID of a user.

use super::InvalidId;
use super::text::Text;
use super::text_id;

/// Names one authenticated user: whatever the application's own user key is.
///
/// 1 to 256 bytes without control characters. There is no default and no placeholder: an anonymous
/// request has no `UserId`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId {
    text: Text<38>,
}

impl UserId {
    const MAX_BYTES: usize = 256;

    fn surely(text: &str) -> Option<Text<38>> {
        Text::printable(text)
    }

    fn check(text: &str) -> Result<(), InvalidId> {
        InvalidId::check("user ID", text, Self::MAX_BYTES, |c| !c.is_control())
    }
}

text_id!(UserId);
