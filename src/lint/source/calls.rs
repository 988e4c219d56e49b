//! What a body calls and names, seen while passing over it.

use super::lexer::Lexer;
use crate::lint::facts::Call;
use crate::lint::facts::CallKind;
use crate::lint::facts::Span;
use crate::lint::facts::Use;

impl Lexer<'_> {
    /// Notes a call or a name in capitals.
    pub(super) fn note(&mut self, start: usize, word: &[u8]) {
        let mut end = self.at;
        if self.bytes[end..].starts_with(b"::<") {
            end = end_of_generics(self.bytes, end + 2);
        }
        let kind = match self.next_byte(end) {
            b'(' if self.before == *b"::" => CallKind::Path,
            b'(' if self.before[1] == b'.' => {
                let (from, to) = self.last_word;
                if self.before_path == b'.' && self.text[from..to] == *"self" {
                    CallKind::OwnMethod
                } else {
                    CallKind::Method
                }
            }
            b'(' => CallKind::Path,
            b'!' if self
                .bytes
                .get(end + 1)
                .is_some_and(|byte| matches!(byte, b'(' | b'[' | b'{' | b' ')) =>
            {
                CallKind::Macro
            }
            _ => return self.note_use(start, word),
        };
        let name = String::from_utf8_lossy(word);
        if is_common(kind, &name) {
            return;
        }
        let (from, to) = self.last_word;
        let qualifier = if self.before == *b"::" { &self.text[from..to] } else { "" };
        let span = Span { start: start as u32, end: self.at as u32 };
        let Some(region) = &mut self.region else { return };
        if !region
            .body
            .calls
            .iter()
            .any(|call| call.kind == kind && call.name == name && call.qualifier == qualifier)
        {
            let (qualifier, name) = (qualifier.to_owned(), name.into_owned());
            region.body.calls.push(Call { kind, qualifier, name, span });
        }
    }

    fn note_use(&mut self, start: usize, word: &[u8]) {
        let is_capital =
            |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
        if word.len() < 3 || !word.iter().all(is_capital) {
            return;
        }
        let name = String::from_utf8_lossy(word);
        let span = Span { start: start as u32, end: self.at as u32 };
        let Some(region) = &mut self.region else { return };
        if !region.body.uses.iter().any(|known| known.name == name) {
            region.body.uses.push(Use { name: name.into_owned(), span });
        }
    }
}

/// Past the `>` that closes the `<` at `start`, where it is near.
fn end_of_generics(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in bytes.iter().enumerate().skip(start).take(300) {
        match byte {
            b'<' => depth += 1,
            b'>' => depth -= 1,
            b';' | b'{' => break,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    start
}

/// Names that lead nowhere: so many types have them that they say nothing of what is called.
fn is_common(kind: CallKind, name: &str) -> bool {
    match kind {
        CallKind::Path => name.starts_with(|first: char| first.is_uppercase()) || name == "new",
        CallKind::Macro => matches!(
            name,
            "format"
                | "vec"
                | "assert"
                | "assert_eq"
                | "println"
                | "debug"
                | "info"
                | "warn"
                | "error"
                | "trace"
                | "write"
                | "matches"
                | "json"
                | "anyhow"
                | "bail"
                | "panic"
                | "select"
                | "join"
        ),
        CallKind::OwnMethod => false,
        CallKind::Method => {
            name.len() < 3
                || matches!(
                    name,
                    "clone"
                        | "into"
                        | "unwrap"
                        | "map"
                        | "map_err"
                        | "iter"
                        | "collect"
                        | "expect"
                        | "push"
                        | "len"
                        | "as_str"
                        | "as_ref"
                        | "is_empty"
                        | "to_string"
                        | "to_owned"
                        | "unwrap_or"
                        | "await"
                        | "unwrap_or_else"
                        | "unwrap_or_default"
                        | "and_then"
                        | "ok_or_else"
                        | "filter"
                        | "default"
                        | "from"
                        | "lock"
                        | "read"
                        | "write"
                        | "next"
                        | "iter_mut"
                        | "as_deref"
                        | "cloned"
                        | "contains"
                        | "join"
                        | "trim"
                        | "parse"
                        | "send"
                )
        }
    }
}
