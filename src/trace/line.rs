//! Text that cannot forge a log line: what could end, hide or reorder it is escaped.

/// Writes `text` as the inside of a JSON string (RFC 8259) or of a quoted value.
///
/// Beyond what JSON asks for, it escapes all control characters (C0, DEL, C1: line breaks and
/// terminal commands), the separators U+2028 and U+2029, and the direction overrides U+202A to
/// U+202E and U+2066 to U+2069 (CVE-2021-42574), which make a line read as another one.
pub(crate) fn push_quotable(out: &mut String, text: &str) {
    if is_plain(text.as_bytes()) {
        out.push_str(text);
    } else {
        push_escaped(out, text);
    }
}

/// The same, of what may be known to be text by its bytes alone; whatever is none is replaced.
#[cfg(feature = "access")]
#[inline]
pub(crate) fn extend_quotable(out: &mut Vec<u8>, text: &[u8]) {
    if is_plain(text) {
        out.extend_from_slice(text);
    } else {
        extend_escaped(out, text);
    }
}

#[cfg(feature = "access")]
#[inline(never)]
fn extend_escaped(out: &mut Vec<u8>, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        escape(chunk.valid(), |part| out.extend_from_slice(part.as_bytes()));
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{FFFD}".as_bytes());
        }
    }
}

/// Escapes what was written since `from`, as [`push_quotable`] does.
#[cfg(feature = "tracing-layer")]
pub(super) fn escape_from(out: &mut String, from: usize) {
    if !is_plain(&out.as_bytes()[from..]) {
        let written = out.split_off(from);
        push_escaped(out, &written);
    }
}

/// Writes `value` as a word if it can stand for itself, else quoted.
pub(super) fn push_value(out: &mut String, value: &str) {
    if is_word(value) {
        out.push_str(value);
    } else {
        out.push('"');
        push_quotable(out, value);
        out.push('"');
    }
}

/// Whether `text` needs no quotes: nothing in it can end a value or look like another field.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'.' | b'_' | b'-' | b':' | b'/' | b'@' | b'+' | b'%')
        })
}

/// Whether all is printable ASCII without quotes and backslashes, judged without a branch.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    // Of eight bytes at once: the highest bit of each is set where it is not plain. A borrow or a carry
    // comes only from a byte that is found too, so the first one is always right.
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let faults = |eight: [u8; 8]| {
        let eight = u64::from_ne_bytes(eight);
        let is = |byte: u8| (eight ^ (ONES * u64::from(byte))).wrapping_sub(ONES);
        let controls = eight.wrapping_sub(ONES * u64::from(b' '));
        eight | controls | is(b'"') | is(b'\\') | eight.wrapping_add(ONES)
    };
    let (eights, rest) = text.as_chunks::<8>();
    let mut last = [b' '; 8];
    last[..rest.len()].copy_from_slice(rest);
    let found = eights.iter().fold(faults(last), |found, eight| found | faults(*eight));
    found & (ONES << 7) == 0
}

fn push_escaped(out: &mut String, text: &str) {
    escape(text, |part| out.push_str(part));
}

/// Hands on `text` in parts, those that are to be escaped as what they are escaped to.
fn escape(text: &str, mut push: impl FnMut(&str)) {
    let mut clean_from = 0;
    for (at, c) in text.char_indices() {
        if needs_escape(c) {
            push(&text[clean_from..at]);
            push_escape(&mut push, c);
            clean_from = at + c.len_utf8();
        }
    }
    push(&text[clean_from..]);
}

fn needs_escape(c: char) -> bool {
    c.is_control() || matches!(c, '"' | '\\' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cold]
fn push_escape(push: &mut impl FnMut(&str), c: char) {
    const DIGITS: &str = "0123456789abcdef";
    match c {
        '"' => push("\\\""),
        '\\' => push("\\\\"),
        '\n' => push("\\n"),
        '\r' => push("\\r"),
        '\t' => push("\\t"),
        // All that is escaped lies in the basic plane.
        _ => {
            push("\\u");
            for shift in [12, 8, 4, 0] {
                let digit = (c as usize >> shift) & 0xF;
                push(&DIGITS[digit..=digit]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_plain_exactly_if_each_of_its_bytes_is() {
        let is_plain_alone =
            |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        for (first, second) in (0..=u8::MAX).flat_map(|a| (0..=u8::MAX).map(move |b| (a, b))) {
            let expected = is_plain_alone(first) && is_plain_alone(second);
            // Beside each other, in different eights, and in the rest.
            for places in [[0, 1], [6, 7], [1, 0], [7, 8], [3, 17]] {
                let mut text = [b'x'; 18];
                (text[places[0]], text[places[1]]) = (first, second);
                assert_eq!(is_plain(&text), expected, "{first} and {second} at {places:?}");
            }
        }
        assert!(is_plain(b""));
    }

    #[cfg(feature = "access")]
    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            ..Default::default()
        })]

        #[test]
        fn what_any_bytes_become_is_read_as_their_text(
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
            text in ".{0,20}",
        ) {
            for bytes in [&bytes[..], text.as_bytes(), &[text.as_bytes(), &bytes].concat()] {
                let mut json = vec![b'"'];
                extend_quotable(&mut json, bytes);
                json.push(b'"');
                let read: String = serde_json::from_slice(&json).unwrap();
                proptest::prop_assert_eq!(&read, &*String::from_utf8_lossy(bytes));
                let written = String::from_utf8(json).unwrap();
                proptest::prop_assert!(!written.chars().any(char::is_control));
            }
        }
    }
}
