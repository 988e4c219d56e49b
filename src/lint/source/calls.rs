//! What a body calls and names, seen while passing over it.

use super::lexer::Lexer;
use super::words::is_log_macro;
use super::words::sign;
use crate::lint::facts::Call;
use crate::lint::facts::CallKind;
use crate::lint::facts::Span;
use crate::lint::facts::Use;

/// As much of a statement is read to tell what its local is.
const MAX_LOCAL: usize = 120;
/// As much is read of what a function is given that gives a value.
const MAX_GIVEN: usize = 80;

impl Lexer<'_> {
    /// Notes a call, a local, or a name in capitals.
    pub(super) fn note(&mut self, start: usize, word: &[u8]) {
        if word == b"let" {
            return self.note_local();
        }
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
            CallKind::Method => self.receiver(start),
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
    fn receiver(&self, start: usize) -> (usize, usize) {
        let (from, to) = self.last_word;
        if hands_on(&self.bytes[from..to]) {
            self.chain_of
        } else if self.before[0] == b'a' {
            (from, to)
        } else {
            self.giver(start).unwrap_or_default()
        }
    }

    /// What gives the value that a method is called on: `mailer` in `app.mailer().send(..)`, `Mailer` in
    /// `Mailer::new(..).send(..)`.
    fn giver(&self, start: usize) -> Option<(usize, usize)> {
        let before = self.bytes[..start].trim_ascii_end().strip_suffix(b".")?;
        let before = before.trim_ascii_end().strip_suffix(b")")?;
        let open = before
            .iter()
            .rev()
            .take(MAX_GIVEN)
            .position(|byte| matches!(byte, b'(' | b')' | b'{' | b'}' | b';' | b'"' | b'\''))?;
        let before = before[..before.len() - open].strip_suffix(b"(")?;
        let start_of = |text: &[u8]| {
            let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
            text.len() - text.iter().rev().take_while(is_part).count()
        };
        let start = start_of(before);
        let name = &before[start..];
        let path = before[..start].strip_suffix(b"::");
        match path {
            Some(path) if matches!(name, b"new" | b"default" | b"from") => {
                let of = start_of(path);
                path[of..].first().filter(|byte| byte.is_ascii_uppercase())?;
                Some((of, path.len()))
            }
            // What it is given tells which one it gives.
            None if open == 0 && !name.is_empty() => Some((start, before.len())),
            _ => None,
        }
    }

    /// Notes what a local is, where it is told shortly: `let repo: &UserRepo = ..`, `let repo = app.repo.clone();`.
    fn note_local(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(end) = rest.bytes().take(MAX_LOCAL).position(|byte| byte == b';') else { return };
        let rest = rest[..end].trim_start();
        let rest = rest.strip_prefix("mut ").unwrap_or(rest).trim_start();
        let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        let Some(name) = rest.find(|sign| !is_part(sign)).filter(|end| *end > 0) else { return };
        let (name, rest) = rest.split_at(name);
        let Some((ty, value)) = rest.split_once('=') else { return };
        let without_reference = |text: &'_ str| {
            let text = text.trim().trim_start_matches('&').trim_start();
            text.strip_prefix("mut ").unwrap_or(text).trim().to_owned()
        };
        let Some(region) = &mut self.region else { return };
        if let Some(ty) = ty.trim().strip_prefix(':') {
            let ty = ty.trim();
            let (is_reference, ty) = (ty.starts_with('&'), without_reference(ty));
            let is_plain =
                ty.chars().all(is_part) && ty.starts_with(|first: char| first.is_uppercase());
            if is_reference
                && is_plain
                && !region.body.locals.iter().any(|(known, _)| known == name)
            {
                region.body.locals.push((name.to_owned(), ty));
            }
            return;
        }
        let value = without_reference(value);
        let value = value.strip_suffix(".clone()").unwrap_or(&value);
        let Some((_, field)) = value.rsplit_once('.').filter(|_| ty.trim().is_empty()) else {
            return;
        };
        let is_field = value.chars().all(|sign| is_part(sign) || sign == '.')
            && field.starts_with(|first: char| first.is_lowercase());
        if is_field && !region.body.fields.iter().any(|(known, _)| known == name) {
            region.body.fields.push((name.to_owned(), field.to_owned()));
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
