//! The text of a canary, from seed, session and field.

use super::kind::CanaryKind;
use uuid::Uuid;

/// Letters and digits without those that look alike: five bits each.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstvwxyz0123456789";

/// The days from 1000-01-01 to 1099-12-31, of which 24 are leap days.
pub(super) const DAYS: u64 = 36_524;

/// The canary of a session in a field; the same whenever asked, in any process.
///
/// `place` counts the pairs of session and date field, since two dates must not be the same.
pub(super) fn derive(seed: u64, session: u32, field: &str, kind: CanaryKind, place: u64) -> String {
    let bits = digest(seed, session, field);
    match kind {
        CanaryKind::Token => token(bits),
        CanaryKind::Email => format!("{}@canary.example", token(bits)),
        CanaryKind::Uuid => uuid(bits),
        CanaryKind::Integer => (7_100_000_000_000_000 + bits % 100_000_000_000_000).to_string(),
        CanaryKind::Ip => ip(bits),
        CanaryKind::Date => date(day(seed, place)),
    }
}

/// Two lanes that share nothing but their input, so that all 128 bits differ. Not for secrets: the
/// test's own seed tells all of them.
fn digest(seed: u64, session: u32, field: &str) -> u128 {
    let lane = |start: u64| {
        let field = field.bytes().fold(mix(start), |hash, byte| mix(hash ^ u64::from(byte)));
        mix(mix(field ^ seed) ^ u64::from(session))
    };
    u128::from(lane(0x9e37_79b9_7f4a_7c15)) << 64 | u128::from(lane(0xd1b5_4a32_d192_ed03))
}

/// The finalizer of SplitMix64: a permutation in which each bit depends on each other one.
const fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

fn token(mut bits: u128) -> String {
    let mut text = String::with_capacity(TOKEN);
    text.push_str("zq");
    for _ in 0..24 {
        text.push(char::from(ALPHABET[(bits % 32) as usize]));
        bits /= 32;
    }
    text.extend(checksum(&text.as_bytes()[2..]).map(char::from));
    text.push_str("qz");
    text
}

/// The length of a token: marker, 24 letters of its own, four of checksum, marker.
pub(super) const TOKEN: usize = 32;

/// Whether `token`, in lower case, is one of whatever seed. One text in a million that has a
/// token's length and markers is taken for one.
pub(super) fn is_token(token: &[u8]) -> bool {
    token.len() == TOKEN && token.ends_with(b"qz") && checksum(&token[2..26]) == token[26..30]
}

fn checksum(letters: &[u8]) -> [u8; 4] {
    let mut sum = letters.iter().fold(0, |sum, letter| mix(sum ^ u64::from(*letter)));
    [(); 4].map(|()| {
        let letter = ALPHABET[(sum % 32) as usize];
        sum /= 32;
        letter
    })
}

fn uuid(bits: u128) -> String {
    let mut bytes = bits.to_be_bytes();
    bytes[0] = 0xc5;
    bytes[1] = 0xa7;
    bytes[6] = 0x80 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    Uuid::from_bytes(bytes).hyphenated().to_string()
}

/// No group has fewer than four digits, so there is one way to write it.
fn ip(mut bits: u128) -> String {
    let mut text = "2001:db8".to_owned();
    for _ in 0..6 {
        text.push_str(&format!(":{:x}", 0x1000 + bits % 0xf000));
        bits /= 0xf000;
    }
    text
}

/// A day for each place, in an order of the seed's: no two places below [`DAYS`] have the same.
fn day(seed: u64, place: u64) -> u64 {
    let bits = digest(seed, 0, "date") as u64;
    let step = (bits % DAYS..).find(|step| is_coprime(*step, DAYS)).unwrap_or(1);
    (bits / DAYS + step * (place % DAYS)) % DAYS
}

fn is_coprime(a: u64, b: u64) -> bool {
    if b == 0 { a == 1 } else { is_coprime(b, a % b) }
}

fn date(mut day: u64) -> String {
    let length = |year: u64| if is_leap(year) { 366 } else { 365 };
    let mut year = 1000;
    while day >= length(year) {
        day -= length(year);
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}
