//! What a body calls and names, seen while passing over it.

use super::lexer::Lexer;
use super::words::is_log_macro;
use super::words::sign;
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
            _ => return self.note_name(start, end, word),
        };
        let name = String::from_utf8_lossy(word);
        if is_common(kind, &name) {
            return;
        }
        let (from, to) = match kind {
            CallKind::Method => self.receiver(),
            _ if self.before == *b"::" => self.last_word,
            _ => (0, 0),
        };
        let qualifier = &self.text[from..to];
        let span = Span { start: start as u32, end: self.at as u32 };
        let Some(region) = &mut self.region else { return };
        // It may write to the log.
        if kind == CallKind::Macro {
            region.signs |= sign::LOG;
        }
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

    /// Notes `pool.execute(move || ..)`: the word alone is that of databases as well.
    pub(super) fn note_work(&mut self, word: &[u8]) {
        let is_given_work = |rest: &[u8]| {
            let rest = rest.strip_prefix(b"(").unwrap_or_default().trim_ascii_start();
            rest.starts_with(b"move") || rest.starts_with(b"|")
        };
        if word == b"execute"
            && is_given_work(&self.bytes[self.at..])
            && let Some(region) = &mut self.region
        {
            region.signs |= sign::KEEP;
        }
    }

    /// The name of what a method is called on, where it is one: `repo` in `app.repo.lock().find(..)`.
    fn receiver(&self) -> (usize, usize) {
        let (from, to) = self.last_word;
        if hands_on(&self.bytes[from..to]) {
            self.chain_of
        } else if self.before[0] == b'a' {
            (from, to)
        } else {
            (0, 0)
        }
    }

    /// Notes the type of a local, a function that is handed on, or a name in capitals.
    fn note_name(&mut self, start: usize, end: usize, word: &[u8]) {
        let first = word.first().copied().unwrap_or(b'_');
        if first.is_ascii_uppercase() {
            // `let repo = UserRepo::new(..)`, `repo: UserRepo`
            if matches!(self.before, [b'a', b'=' | b':']) && word.iter().any(u8::is_ascii_lowercase)
            {
                let (from, to) = self.last_word;
                let local =
                    (self.text[from..to].to_owned(), String::from_utf8_lossy(word).into_owned());
                if let Some(region) = &mut self.region
                    && !region.body.locals.iter().any(|(known, _)| *known == local.0)
                {
                    region.body.locals.push(local);
                }
            }
            return self.note_use(start, word);
        }
        // `.map(helper)`, `spawn(Self::run)`
        if !matches!(self.next_byte(end), b')' | b',') {
            return;
        }
        let (from, to) = self.last_word;
        let (is_handed_on, qualifier) = if self.before == *b"::" {
            (matches!(self.before_path, b'(' | b','), self.text[from..to].to_owned())
        } else {
            (self.before[1] == b'(' && is_given_functions(&self.bytes[from..to]), String::new())
        };
        if is_handed_on && let Some(region) = &mut self.region {
            let (name, kind) = (String::from_utf8_lossy(word).into_owned(), CallKind::Path);
            let span = Span { start: start as u32, end: self.at as u32 };
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

/// Calls that lead from a lock, a pointer or a future to what is in it.
pub(super) fn hands_on(method: &[u8]) -> bool {
    matches!(
        method,
        b"lock"
            | b"read"
            | b"write"
            | b"await"
            | b"unwrap"
            | b"expect"
            | b"clone"
            | b"as_ref"
            | b"as_mut"
            | b"borrow"
            | b"borrow_mut"
            | b"get_ref"
            | b"load"
    )
}

/// Methods and functions that are given a function by its name.
fn is_given_functions(name: &[u8]) -> bool {
    matches!(
        name,
        b"map"
            | b"and_then"
            | b"then"
            | b"filter_map"
            | b"flat_map"
            | b"for_each"
            | b"for_each_concurrent"
            | b"unwrap_or_else"
            | b"or_else"
            | b"map_err"
            | b"block"
            | b"service_fn"
            | b"from_fn"
            | b"get_or_init"
            | b"retry"
            | b"to"
    ) || name.starts_with(b"spawn")
}

/// Names that lead nowhere: so many types have them that they say nothing of what is called.
fn is_common(kind: CallKind, name: &str) -> bool {
    match kind {
        CallKind::Path => name.starts_with(|first: char| first.is_uppercase()) || name == "new",
        CallKind::Macro if is_log_macro(name.as_bytes()) => true,
        CallKind::Macro => matches!(
            name,
            "format"
                | "vec"
                | "assert"
                | "assert_eq"
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
