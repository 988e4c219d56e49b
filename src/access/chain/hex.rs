//! Lower-case hexadecimal digits.

use std::str;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A hash as it is written.
pub(super) type Digits = [u8; 64];

pub(super) fn digits(hash: &[u8; 32]) -> Digits {
    let mut digits = [0; 64];
    for (byte, pair) in hash.iter().zip(digits.chunks_exact_mut(2)) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    digits
}

pub(super) fn as_str(digits: &Digits) -> &str {
    // Digits are ASCII: there is no other case.
    str::from_utf8(digits).unwrap_or_default()
}

/// The 64 digits at the beginning, if they are some.
pub(super) fn take(text: &[u8]) -> Option<(Digits, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<64>()?;
    digits.iter().all(|digit| DIGITS.contains(digit)).then_some((*digits, rest))
}
