//! JSON, member by member.

use super::Record;
use super::Utc;
use super::texts::Texts;
use crate::trace::extend_quotable;
use sha2::Digest;
use sha2::Sha256;
use std::io::Write;
use std::panic::Location;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// Beyond that many bytes a text is cut.
const MAX_TEXT: usize = 256;
const MAX_REASON: usize = 1024;

/// The name of a member as it is written, up to the quote that a text begins with.
#[derive(Clone, Copy)]
pub(super) struct Name(&'static str);

impl Name {
    pub(super) const fn quoted(quoted: &'static str) -> Self {
        Self(quoted)
    }
}

/// A [`Name`], made when this is compiled.
macro_rules! name {
    ($name:literal) => {
        $crate::access::encode::json::Name::quoted(concat!("\"", $name, "\":\""))
    };
}
pub(super) use name;

/// An object that is being written: each member ends in a comma.
pub(super) struct Json<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> Json<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out }
    }

    #[inline(always)]
    pub(super) fn text(&mut self, name: Name, value: impl AsRef<[u8]>) {
        self.limited(name, value.as_ref(), MAX_TEXT);
    }

    #[inline(always)]
    pub(super) fn maybe(&mut self, name: Name, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.limited(name, value, MAX_TEXT);
        }
    }

    pub(super) fn maybe_reason(&mut self, name: Name, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.limited(name, value, MAX_REASON);
        }
    }

    /// A word of our own, with nothing in it to escape.
    #[inline(always)]
    pub(super) fn word(&mut self, name: Name, word: &'static str) {
        self.push(name.0);
        self.push(word);
        self.push("\",");
    }

    pub(super) fn number(&mut self, name: Name, value: impl Into<u64>) {
        self.unquoted(name);
        push_number(self.out, value.into());
        self.out.push(b',');
    }

    #[inline]
    pub(super) fn maybe_number(&mut self, name: Name, value: Option<u64>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    /// What was accessed, how many of it, and whose it is.
    pub(super) fn resource(&mut self, record: &Record<'_>, texts: &Texts<'_>) {
        self.text(name!("resource.type"), record.resource_type);
        self.maybe(name!("resource.id"), texts.resource_id);
        self.maybe_number(name!("count"), record.count);
        self.maybe(name!("owner.tenant.id"), texts.owner_tenant);
        self.maybe(name!("owner.user.id"), texts.owner_user);
        self.maybe(name!("owner.session.id"), texts.owner_session);
    }

    pub(super) fn time(&mut self, name: Name, time: SystemTime) {
        self.push(name.0);
        self.out.extend_from_slice(Utc::of(time).as_bytes());
        self.push("\",");
    }

    pub(super) fn millis(&mut self, name: Name, time: SystemTime) {
        let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        self.number(name, u64::try_from(millis).unwrap_or(u64::MAX));
    }

    pub(super) fn maybe_source(&mut self, name: Name, source: Option<&Location<'_>>) {
        if let Some(source) = source {
            self.push(name.0);
            push_limited(self.out, source.file().as_bytes(), MAX_TEXT);
            self.out.push(b':');
            push_number(self.out, source.line().into());
            self.push("\",");
        }
    }

    /// Several words of our own, as [`word`](Self::word).
    pub(super) fn words(&mut self, name: Name, words: &[&'static str]) {
        self.unquoted(name);
        for (nth, word) in words.iter().enumerate() {
            self.push(if nth == 0 { "[\"" } else { "\",\"" });
            self.push(word);
        }
        self.push("\"],");
    }

    /// One text of several, each cut on its own.
    pub(super) fn joined_words(&mut self, name: Name, pieces: &[&[u8]]) {
        self.unquoted(name);
        self.push("[\"");
        for piece in pieces {
            push_limited(self.out, piece, MAX_TEXT);
        }
        self.push("\"],");
    }

    pub(super) fn object(&mut self, name: Name, members: impl FnOnce(&mut Self)) {
        self.open(name);
        members(self);
        if self.out.last() == Some(&b',') {
            self.out.pop();
        }
        self.push("},");
    }

    /// Begins an object that the line's seal is part of.
    pub(super) fn open(&mut self, name: Name) {
        self.unquoted(name);
        self.out.push(b'{');
    }

    /// The name of a value that is no text.
    fn unquoted(&mut self, Name(name): Name) {
        self.push(&name[..name.len() - 1]);
    }

    /// The name apart, since it is known when this is compiled: no call copies it.
    #[inline(always)]
    fn limited(&mut self, name: Name, value: &[u8], most: usize) {
        self.push(name.0);
        push_ending(self.out, value, most);
    }

    #[inline(always)]
    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

fn push_number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[from..]);
}

/// The rest of a member that is a text.
#[inline(never)]
fn push_ending(out: &mut Vec<u8>, text: &[u8], most: usize) {
    push_limited(out, text, most);
    out.extend_from_slice(b"\",");
}

#[inline]
fn push_limited(out: &mut Vec<u8>, text: &[u8], most: usize) {
    if text.len() <= most {
        extend_quotable(out, text);
    } else {
        push_cut(out, text, most);
    }
}

#[cold]
fn push_cut(out: &mut Vec<u8>, text: &[u8], most: usize) {
    // Not in the middle of a character.
    let is_boundary = |at: &usize| text[*at] & 0b1100_0000 != 0b1000_0000;
    let fits = (0..=most).rev().find(is_boundary).unwrap_or_default();
    extend_quotable(out, &text[..fits]);
    let _ = write!(out, "…[{} bytes, sha256:", text.len());
    for byte in Sha256::digest(text).iter().take(8) {
        let _ = write!(out, "{byte:02x}");
    }
    out.push(b']');
}
