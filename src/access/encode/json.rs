//! JSON, member by member.

use super::Record;
use crate::trace::push_quotable;
use sha2::Digest;
use sha2::Sha256;
use std::fmt::Write;
use std::panic::Location;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// Beyond that many bytes a text is cut.
const MAX_TEXT: usize = 256;
const MAX_REASON: usize = 1024;

/// An object that is being written: each member ends in a comma.
pub(super) struct Json<'o> {
    out: &'o mut String,
}

impl<'o> Json<'o> {
    pub(super) fn new(out: &'o mut String) -> Self {
        out.push('{');
        Self { out }
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.limited(name, value, MAX_TEXT);
    }

    pub(super) fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(super) fn maybe_reason(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.limited(name, value, MAX_REASON);
        }
    }

    pub(super) fn number(&mut self, name: &str, value: impl Into<u64>) {
        self.name(name);
        // Writing to a `String` cannot fail, here and below.
        let _ = write!(self.out, "{},", value.into());
    }

    pub(super) fn maybe_number(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    /// What was accessed, how many of it, and whose it is.
    pub(super) fn resource(&mut self, record: &Record<'_>) {
        self.text("resource.type", record.resource_type);
        self.maybe("resource.id", record.resource_id);
        self.maybe_number("count", record.count);
        self.maybe("owner.tenant.id", record.owner_tenant());
        self.maybe("owner.user.id", record.owner_user());
        self.maybe("owner.session.id", record.owner_session());
    }

    /// UTC, RFC 3339, to the microsecond.
    pub(super) fn time(&mut self, name: &str, time: SystemTime) {
        self.name(name);
        // A clock before 1970 or after 9999 is none.
        let is_known = time.duration_since(UNIX_EPOCH).is_ok_and(|t| t.as_secs() < 253_402_300_800);
        let time = if is_known { time } else { UNIX_EPOCH };
        let _ = write!(self.out, "\"{}\",", humantime::format_rfc3339_micros(time));
    }

    pub(super) fn millis(&mut self, name: &str, time: SystemTime) {
        let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        self.number(name, u64::try_from(millis).unwrap_or(u64::MAX));
    }

    pub(super) fn maybe_source(&mut self, name: &str, source: Option<&Location<'_>>) {
        if let Some(source) = source {
            self.name(name);
            self.out.push('"');
            push_limited(self.out, source.file(), MAX_TEXT);
            let _ = write!(self.out, ":{}\",", source.line());
        }
    }

    /// A member whose value is written by `value`, of plain words and of [`piece`](Self::piece)s.
    pub(super) fn words(&mut self, name: &str, words: &[&str]) {
        self.name(name);
        self.out.push('[');
        for (nth, word) in words.iter().enumerate() {
            self.out.push_str(if nth == 0 { "\"" } else { "\",\"" });
            push_limited(self.out, word, MAX_TEXT);
        }
        self.out.push_str("\"],");
    }

    /// One text of several, each cut on its own.
    pub(super) fn joined_words(&mut self, name: &str, pieces: &[&str]) {
        self.name(name);
        self.out.push_str("[\"");
        for piece in pieces {
            push_limited(self.out, piece, MAX_TEXT);
        }
        self.out.push_str("\"],");
    }

    pub(super) fn object(&mut self, name: &str, members: impl FnOnce(&mut Self)) {
        self.open(name);
        members(self);
        if self.out.ends_with(',') {
            self.out.pop();
        }
        self.out.push_str("},");
    }

    /// Begins an object that the line's seal is part of.
    pub(super) fn open(&mut self, name: &str) {
        self.name(name);
        self.out.push('{');
    }

    fn name(&mut self, name: &str) {
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    fn limited(&mut self, name: &str, value: &str, most: usize) {
        self.name(name);
        self.out.push('"');
        push_limited(self.out, value, most);
        self.out.push_str("\",");
    }
}

fn push_limited(out: &mut String, text: &str, most: usize) {
    if text.len() <= most {
        push_quotable(out, text);
        return;
    }
    let fits = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    push_quotable(out, &text[..fits]);
    let _ = write!(out, "…[{} bytes, sha256:", text.len());
    for byte in Sha256::digest(text.as_bytes()).iter().take(8) {
        let _ = write!(out, "{byte:02x}");
    }
    out.push(']');
}
