//! Text that cannot forge a log line: what could end, hide or reorder it is escaped.

use std::fmt::Write;

/// Writes `text` as the inside of a JSON string (RFC 8259) or of a quoted value.
///
/// Beyond what JSON asks for, it escapes all control characters (C0, DEL, C1: line breaks and
/// terminal commands), the separators U+2028 and U+2029, and the direction overrides U+202A to
/// U+202E and U+2066 to U+2069 (CVE-2021-42574), which make a line read as another one.
pub(crate) fn push_quotable(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
    } else {
        push_escaped(out, text);
    }
}

/// Escapes what was written since `from`, as [`push_quotable`] does.
#[cfg(feature = "tracing-layer")]
pub(super) fn escape_from(out: &mut String, from: usize) {
    if !is_plain(&out[from..]) {
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

/// Whether all is printable ASCII without quotes and backslashes, judged without a branch: so most
/// text costs less than an instruction per byte.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) & (byte != b'"') & (byte != b'\\');
    text.bytes().fold(true, |all, byte| all & is_plain(byte))
}

fn push_escaped(out: &mut String, text: &str) {
    let mut clean_from = 0;
    for (at, c) in text.char_indices() {
        if needs_escape(c) {
            out.push_str(&text[clean_from..at]);
            push_escape(out, c);
            clean_from = at + c.len_utf8();
        }
    }
    out.push_str(&text[clean_from..]);
}

fn needs_escape(c: char) -> bool {
    c.is_control() || matches!(c, '"' | '\\' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cold]
fn push_escape(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // All that is escaped lies in the basic plane. Writing to a `String` cannot fail.
        _ => {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
    }
}
