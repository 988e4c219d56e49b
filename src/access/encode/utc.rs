//! Times as they are written.

use std::io::Write as _;
use std::str;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// A time in UTC to the microsecond, as RFC 3339 has it: `2026-11-22T05:35:14.123456Z`.
pub(crate) struct Utc([u8; 27]);

/// The first second that a year of four digits does not reach.
const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);

impl Utc {
    /// A clock before 1970 or after 9999 is none: that is written as the first second of 1970.
    pub(crate) fn of(time: SystemTime) -> Self {
        let mut text = *b"1970-01-01T00:00:00.000000Z";
        if (UNIX_EPOCH..UNIX_EPOCH + YEAR_10000).contains(&time) {
            // In all of these years it is as long as that.
            let _ = write!(&mut text[..], "{}", humantime::format_rfc3339_micros(time));
        }
        Self(text)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// `2026-11-22`.
    pub(crate) fn day(&self) -> &str {
        // Digits are ASCII: there is no other case.
        str::from_utf8(&self.0[..10]).unwrap_or_default()
    }
}
