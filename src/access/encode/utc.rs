//! Times as they are written.

use std::str;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// A time in UTC to the microsecond, as RFC 3339 has it: `2026-11-22T05:35:14.123456Z`.
pub(crate) struct Utc([u8; 27]);

/// The first second that a year of four digits does not reach.
const YEAR_10000: u64 = 253_402_300_800;

impl Utc {
    /// A clock before 1970 or after 9999 is none: that is written as the first second of 1970.
    pub(crate) fn of(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let since = if since.as_secs() < YEAR_10000 { since } else { Duration::ZERO };
        let (days, second) = (since.as_secs() / 86_400, (since.as_secs() % 86_400) as u32);
        let (year, month, day) = date(days as u32);
        let micros = since.subsec_micros();
        let mut text = *b"....-..-..T..:..:.........Z";
        let pairs = [
            (0, year / 100),
            (2, year % 100),
            (5, month),
            (8, day),
            (11, second / 3600),
            (14, second / 60 % 60),
            (17, second % 60),
            (20, micros / 10_000),
            (22, micros / 100 % 100),
            (24, micros % 100),
        ];
        for (at, number) in pairs {
            text[at] = b'0' + (number / 10) as u8;
            text[at + 1] = b'0' + (number % 10) as u8;
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

/// Year, month and day, so many days after the first one of 1970.
fn date(days: u32) -> (u32, u32, u32) {
    // Counted from a 1 March, a leap day is the last of its year; 400 years are always as long.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Of the months from March on, five have 153 days.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = 400 * era + year;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}
