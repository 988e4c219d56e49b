//! How bytes are written as text, and read back from the middle of it.

use super::kind::Shape;

/// How bytes are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As they are; the colons of an address may be percent-encoded.
    Plain,
    Hex,
    Percent,
    /// Decimal numbers with a comma between.
    List,
    /// The first byte is at this place of a group of three.
    Base64(u8),
}

/// The longest needle: an address.
const LONGEST: usize = 40;

/// The most bytes that a needle takes, and what is beside it, in any encoding.
pub(super) const LONGEST_WRITTEN: usize = 256;

impl Encoding {
    pub(super) const ALL: [Self; 7] = [
        Self::Plain,
        Self::Hex,
        Self::Percent,
        Self::List,
        Self::Base64(0),
        Self::Base64(1),
        Self::Base64(2),
    ];

    /// How a text that begins with `head` begins in this encoding, whatever stands before it. The
    /// letters' case is left open except in base64.
    pub(super) fn markers(self, head: &str) -> Vec<Vec<u8>> {
        let each = |write: fn(u8) -> String, between: &str| {
            head.bytes().map(write).collect::<Vec<_>>().join(between).into_bytes()
        };
        match self {
            Self::Plain if head.contains(':') => {
                vec![head.as_bytes().to_vec(), head.replace(':', "%3a").into_bytes()]
            }
            Self::Plain => vec![head.as_bytes().to_vec()],
            Self::Hex => vec![each(|byte| format!("{byte:02x}"), "")],
            Self::Percent => vec![each(|byte| format!("%{byte:02x}"), "")],
            Self::List => {
                let upper = head.to_ascii_uppercase();
                [head, &upper]
                    .into_iter()
                    .flat_map(|head| {
                        let bytes: Vec<_> = head.bytes().map(|byte| byte.to_string()).collect();
                        [bytes.join(","), bytes.join(", ")]
                    })
                    .map(String::into_bytes)
                    .collect()
            }
            Self::Base64(place) => [head.to_owned(), head.to_ascii_uppercase()]
                .iter()
                .map(|head| base64_inside(head.as_bytes(), place))
                .collect(),
        }
    }
}

/// The letters of base64 that depend on `bytes` alone, where they begin at `place` of a group.
fn base64_inside(bytes: &[u8], place: u8) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |at: usize| u8::from(bytes[at / 8] & (0x80 >> (at % 8)) != 0);
    let first = bits_before_letter(place);
    let letters = (bytes.len() * 8 - first) / 6;
    (0..letters)
        .map(|letter| (0..6).fold(0, |six, at| six << 1 | bit(first + letter * 6 + at)))
        .map(|six| LETTERS[usize::from(six)])
        .collect()
}

/// How many bits of a byte at `place` of a group belong to a letter that began before it.
const fn bits_before_letter(place: u8) -> usize {
    match place {
        1 => 4,
        2 => 2,
        _ => 0,
    }
}

/// The beginning of a needle, read back: in lower case, and without a UUID's hyphens.
pub(super) struct Reading {
    bytes: [u8; LONGEST],
    len: usize,
    /// Where the last byte ends in the text.
    pub(super) end: usize,
    /// Whether a letter was in upper case.
    pub(super) is_upper: bool,
    /// Whether a percent sign was read.
    pub(super) has_percent: bool,
}

impl Reading {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Reads up to `most` bytes of a needle that is marked at `at` of `text`.
    pub(super) fn forward(
        text: &[u8],
        at: usize,
        encoding: Encoding,
        shape: Shape,
        most: usize,
    ) -> Self {
        let mut reading = Self::empty(at);
        match encoding {
            Encoding::Plain => reading.plain(text, shape, most),
            Encoding::Hex => reading.escaped(text, b"", shape, most),
            Encoding::Percent => reading.escaped(text, b"%", shape, most),
            Encoding::List => reading.list(text, shape, most),
            Encoding::Base64(place) => reading.base64(text, place, shape, most),
        }
        reading
    }

    /// Reads up to `most` bytes of a needle backwards; its first byte is before `end`.
    pub(super) fn backward(text: &[u8], end: usize, shape: Shape, most: usize) -> Self {
        let mut reading = Self::empty(end);
        for byte in text[..end].iter().rev() {
            if reading.len == most || !reading.push(*byte, shape) {
                break;
            }
            reading.end -= 1;
        }
        reading
    }

    const fn empty(at: usize) -> Self {
        Self { bytes: [0; LONGEST], len: 0, end: at, is_upper: false, has_percent: false }
    }

    /// Whether `byte` may be in a needle or between its parts.
    fn push(&mut self, byte: u8, shape: Shape) -> bool {
        if shape == Shape::Uuid && byte == b'-' {
            return true;
        }
        let is_possible = byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-');
        let Some(slot) = self.bytes.get_mut(self.len).filter(|_| is_possible) else {
            return false;
        };
        *slot = byte.to_ascii_lowercase();
        self.len += 1;
        self.is_upper |= byte.is_ascii_uppercase();
        true
    }

    fn plain(&mut self, text: &[u8], shape: Shape, most: usize) {
        while self.len < most {
            let (byte, length) = match text.get(self.end) {
                Some(b'%') if shape == Shape::Ip => match escape(text, self.end + 1) {
                    Some(byte) => (byte, 3),
                    None => break,
                },
                Some(byte) => (*byte, 1),
                None => break,
            };
            self.has_percent |= length == 3;
            if !self.push(byte, shape) {
                break;
            }
            self.end += length;
        }
    }

    fn escaped(&mut self, text: &[u8], before: &[u8], shape: Shape, most: usize) {
        while self.len < most {
            let is_marked = text[self.end..].starts_with(before);
            let digits = self.end + before.len();
            match escape(text, digits).filter(|_| is_marked) {
                Some(byte) if self.push(byte, shape) => self.end = digits + 2,
                _ => break,
            }
        }
    }

    fn list(&mut self, text: &[u8], shape: Shape, most: usize) {
        let mut at = self.end;
        while self.len < most {
            let digits = text[at..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
            let number = text[at..at + digits]
                .iter()
                .fold(0_u16, |number, digit| number * 10 + u16::from(digit - b'0'));
            match u8::try_from(number) {
                Ok(byte) if digits > 0 && self.push(byte, shape) => self.end = at + digits,
                _ => break,
            }
            at = match text[self.end..] {
                [b',', b' ', ..] => self.end + 2,
                [b',', ..] => self.end + 1,
                _ => break,
            };
        }
    }

    fn base64(&mut self, text: &[u8], place: u8, shape: Shape, most: usize) {
        // The letter before the marker holds the first bits of a needle in the middle of a group.
        let inside = bits_before_letter(place);
        let mut at = self.end;
        let (mut bits, mut held) = (0_u32, 0);
        if inside > 0 {
            let Some(letter) = at.checked_sub(1).and_then(|before| six_bits(text[before])) else {
                return;
            };
            (bits, held) = (u32::from(letter) & ((1 << inside) - 1), inside);
        }
        while self.len < most {
            let Some(letter) = text.get(at).and_then(|letter| six_bits(*letter)) else { break };
            bits = bits << 6 | u32::from(letter);
            held += 6;
            at += 1;
            if held >= 8 {
                held -= 8;
                if !self.push((bits >> held) as u8, shape) {
                    break;
                }
                bits &= (1 << held) - 1;
                self.end = at;
            }
        }
    }
}

/// The byte that two hexadecimal digits at `at` stand for.
fn escape(text: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(at)? << 4 | digit(at + 1)?).ok()
}

/// What a letter of base64 stands for, in both alphabets.
const fn six_bits(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}
