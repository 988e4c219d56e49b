//! Reads tokens, just as far as needed to reduce a file before it is parsed.
//!
//! Most of a file is bodies that no rule has a say in, comments, and tests. Parsing them costs far
//! more than passing over them, so bodies without a word of interest become `{}` here. What they call
//! is noted all the same: it decides what request code reaches.

use super::calls::hands_on;
use super::skeleton::Body;
use super::skeleton::Skeleton;
use super::words;
use crate::lint::facts::Span;

/// Brackets inside brackets: deeper ones are refused before the parser's recursion meets them.
const MAX_DEPTH: usize = 200;
/// Tokens of one statement or expression without a separator, for operators recurse too.
const MAX_RUN: u32 = 20_000;
/// What marks a comment for this tool, and how it is mistyped.
pub(in crate::lint) const MARKS: [&str; 2] = ["request-context", "request_context"];

/// Reduces `text`.
pub(in crate::lint) fn reduce(text: &str) -> Skeleton {
    let mut lexer = Lexer::new(text);
    lexer.run();
    lexer.finish()
}

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) copied_to: usize,
    pub(super) out: Skeleton,
    pub(super) depth: usize,
    /// The tokens since the last separator, at this depth and at those around it.
    pub(super) run: u32,
    pub(super) runs: Vec<u32>,
    /// The last two bytes that are no blanks.
    pub(super) before: [u8; 2],
    pub(super) last_word: (usize, usize),
    /// The last word that is no call which leads inside.
    pub(super) chain_of: (usize, usize),
    /// What comes before the path that `last_word` ends.
    pub(super) before_path: u8,
    pub(super) region: Option<Region>,
    /// The depth at which `fn` was read, while its body is to come.
    pub(super) awaits_body: Option<usize>,
    pub(super) is_test: bool,
    pub(super) awaits_test_mod: bool,
    /// The words of interest under other names.
    renamed: Vec<(&'a [u8], u16)>,
    /// What the parameters tell of the body to come.
    pub(super) said_by_params: u16,
    /// Whether what is read is what a function gives.
    is_output: bool,
}

/// A part that may be left out: a body, or a module of tests.
pub(super) struct Region {
    pub(super) brace: usize,
    pub(super) depth: usize,
    pub(super) kept: usize,
    pub(super) signs: u16,
    pub(super) is_test: bool,
    pub(super) body: Body,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            copied_to: 0,
            out: Skeleton::default(),
            depth: 0,
            run: 0,
            runs: Vec::new(),
            before: [0; 2],
            last_word: (0, 0),
            chain_of: (0, 0),
            before_path: 0,
            region: None,
            awaits_body: None,
            is_test: false,
            awaits_test_mod: false,
            renamed: words::renamed(text),
            said_by_params: 0,
            is_output: false,
        }
    }

    fn finish(mut self) -> Skeleton {
        self.copy_to(self.bytes.len());
        self.out.lines = self.text.lines().count() as u32;
        self.out
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn copy_to(&mut self, end: usize) {
        self.out.push(&self.text[self.copied_to..end], self.copied_to);
        self.copied_to = end;
    }

    fn leave_out(&mut self, start: usize, end: usize) {
        self.copy_to(start);
        self.out.push(" ", start);
        self.copied_to = end;
    }

    fn run(&mut self) {
        if self.bytes.starts_with(b"#!") && !self.bytes.starts_with(b"#![") {
            let end = self.text.find('\n').unwrap_or(self.bytes.len());
            self.leave_out(0, end);
            self.at = end;
        }
        while self.at < self.bytes.len() && self.out.too_deep.is_none() {
            let byte = self.bytes[self.at];
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'/' if self.peek(1) == b'/' => self.line_comment(),
                b'/' if self.peek(1) == b'*' => self.block_comment(),
                b'"' => self.string(self.at),
                b'\'' => self.quote(),
                b'0'..=b'9' => self.number(),
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.word(),
                _ => self.sign(byte),
            }
        }
    }

    fn line_comment(&mut self) {
        let rest = &self.text[self.at..];
        let end = self.at + rest.find('\n').unwrap_or(rest.len());
        self.comment(end);
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        let mut end = self.at;
        while end < self.bytes.len() {
            match &self.bytes[end..self.bytes.len().min(end + 2)] {
                b"/*" => (depth, end) = (depth + 1, end + 2),
                b"*/" => (depth, end) = (depth - 1, end + 2),
                _ => end += 1,
            }
            if depth == 0 {
                break;
            }
        }
        if depth == 0 {
            self.comment(end);
        } else {
            // It stays, so that the parser refuses it.
            self.at = end;
        }
    }

    fn comment(&mut self, end: usize) {
        let comment = &self.text[self.at..end];
        let is_doc = comment.starts_with("///") || comment.starts_with("//!");
        if !is_doc && MARKS.iter().any(|mark| comment.contains(mark)) {
            self.out.comments.push(Span { start: self.at as u32, end: end as u32 });
        }
        self.leave_out(self.at, end);
        self.at = end;
    }

    fn token(&mut self, last: u8) {
        self.before = [self.before[1], last];
        self.run += 1;
        if self.run > MAX_RUN {
            self.out.too_deep = Some(self.at as u32);
        }
    }

    /// A string whose quote stands at `quote`.
    fn string(&mut self, quote: usize) {
        let mut end = quote + 1;
        while end < self.bytes.len() && self.bytes[end] != b'"' {
            end += if self.bytes[end] == b'\\' { 2 } else { 1 };
        }
        self.end_string(end + 1);
    }

    fn end_string(&mut self, end: usize) {
        let end = end.min(self.bytes.len());
        self.at = end;
        self.token(b'"');
    }

    fn raw_string(&mut self, start: usize, hashes: usize) {
        let close = format!("\"{}", "#".repeat(hashes));
        let from = start + hashes + 1;
        let rest = self.bytes.get(from..).unwrap_or_default();
        let len = rest.windows(close.len()).position(|window| window == close.as_bytes());
        self.end_string(len.map_or(self.bytes.len(), |len| from + len + close.len()));
    }

    fn quote(&mut self) {
        let rest = &self.text[self.at + 1..];
        let mut chars = rest.char_indices();
        let first = chars.next().map_or('\0', |(_, first)| first);
        let second = chars.next();
        if first == '\\' {
            let mut end = self.at + 3;
            while end < self.bytes.len() && self.bytes[end] != b'\'' {
                end += 1;
            }
            self.at = end + 1;
        } else if let Some((len, '\'')) = second {
            self.at += 1 + len + 1;
        } else {
            self.at += 1;
            while is_word(self.peek(0)) {
                self.at += 1;
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.token(b'\'');
    }

    fn number(&mut self) {
        while is_word(self.peek(0)) || self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            self.at += 1;
        }
        self.token(b'0');
    }

    fn word(&mut self) {
        let start = self.at;
        let bytes = self.bytes;
        while is_word(self.peek(0)) {
            self.at += 1;
        }
        let mut word = &bytes[start..self.at];
        match (word, self.peek(0)) {
            (b"b" | b"c", b'"') => return self.string(self.at),
            (b"b", b'\'') => return self.quote(),
            (b"r" | b"br" | b"cr", b'"') => return self.raw_string(self.at, 0),
            (b"r" | b"br" | b"cr", b'#') => {
                let hashes = bytes[self.at..].iter().take_while(|byte| **byte == b'#').count();
                if self.peek(hashes) == b'"' {
                    return self.raw_string(self.at, hashes);
                }
                self.at += 1;
                let name = self.at;
                while is_word(self.peek(0)) {
                    self.at += 1;
                }
                word = &bytes[name..self.at];
            }
            _ => {}
        }
        if self.before == *b"::" {
            // The path goes on: what came before it stays.
        } else {
            self.before_path = self.before[1];
            if self.before[1] == b'}' && word != b"else" && word != b"as" {
                self.run = 0;
            }
        }
        match &mut self.region {
            Some(region) if !region.is_test => {
                let mut signs = words::signs_of(word);
                for (name, told) in &self.renamed {
                    if *name == word {
                        signs |= told;
                    }
                }
                region.signs |= signs;
                self.note(start, word);
                self.note_work(word);
            }
            Some(_) => {}
            None => self.item_word(word),
        }
        self.last_word = (start, self.at);
        if !(self.before[1] == b'.' && hands_on(word)) {
            self.chain_of = self.last_word;
        }
        self.token(b'a');
    }

    fn item_word(&mut self, word: &[u8]) {
        if self.awaits_body.is_some() {
            self.said_by_params |= words::signs_of_signature(word, !self.is_output);
        }
        match word {
            b"fn" => {
                self.awaits_body = is_word(self.next_byte(self.at)).then_some(self.depth);
                (self.said_by_params, self.is_output) = (0, false);
            }
            b"mod" if self.is_test => self.awaits_test_mod = true,
            b"pub" | b"crate" | b"super" => {}
            _ if self.awaits_test_mod => {}
            _ => self.is_test = false,
        }
    }

    /// The next byte from `at` on that is no blank.
    pub(super) fn next_byte(&self, at: usize) -> u8 {
        let rest = self.bytes.get(at..).unwrap_or_default();
        rest.iter().copied().find(|byte| !byte.is_ascii_whitespace()).unwrap_or(0)
    }

    fn sign(&mut self, byte: u8) {
        let at = self.at;
        self.at += 1;
        match byte {
            b'(' | b'[' | b'{' => {
                if byte == b'{' {
                    self.open_brace(at);
                }
                self.depth += 1;
                self.runs.push(std::mem::take(&mut self.run));
                if self.depth > MAX_DEPTH {
                    self.out.too_deep = Some(at as u32);
                }
            }
            b')' | b']' | b'}' => {
                self.depth = self.depth.saturating_sub(1);
                self.run = self.runs.pop().unwrap_or(0);
                if byte == b'}'
                    && self.region.as_ref().is_some_and(|region| region.depth == self.depth)
                {
                    self.close_region(at);
                }
            }
            b';' => {
                self.run = 0;
                if self.awaits_body == Some(self.depth) {
                    self.awaits_body = None;
                }
                self.awaits_test_mod = false;
                self.is_test = false;
            }
            b',' => self.run = 0,
            b'>' if self.before[1] == b'=' => self.run = 0,
            b'>' if self.before[1] == b'-' => self.is_output = true,
            b'#' if self.before[1] == b'}' => {
                self.run = 0;
                self.test_attribute(at);
            }
            b'#' => self.test_attribute(at),
            _ => {}
        }
        self.token(byte);
    }

    fn test_attribute(&mut self, at: usize) {
        const TEST: &[u8] = b"#[cfg(test)]";
        if self.region.is_none() && self.bytes[at..].starts_with(TEST) {
            self.is_test = true;
            self.at = at + TEST.len();
        }
    }

    fn open_brace(&mut self, at: usize) {
        let is_body = self.awaits_body == Some(self.depth) && self.before[1] != b'<';
        if self.region.is_some() || !(is_body || self.awaits_test_mod) {
            return;
        }
        self.copy_to(at + 1);
        self.region = Some(Region {
            brace: at,
            depth: self.depth,
            kept: self.out.text.len(),
            signs: self.said_by_params,
            is_test: self.awaits_test_mod,
            body: Body::default(),
        });
        (self.awaits_body, self.awaits_test_mod, self.is_test) = (None, false, false);
    }

    fn close_region(&mut self, at: usize) {
        let Some(mut region) = self.region.take() else { return };
        if region.is_test || !words::is_of_interest(region.signs, !region.body.calls.is_empty()) {
            self.out.truncate(region.kept);
            self.copied_to = at;
        }
        if !region.is_test {
            region.body.end = at as u32;
            self.out.bodies.push((region.brace as u32, region.body));
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
