//! A canary that was found.

use super::derive::TOKEN;
use super::index::Planted;
use super::kind::CanaryKind;
use super::search::Found;
use super::search::Part;
use super::variant::Variant;
use std::fmt;

/// How many bytes around a match an excerpt shows, on each side.
pub(super) const AROUND: usize = 32;

/// A canary that was found: whose it is, how it was written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryMatch {
    /// `None` if it is of another seed.
    owner: Option<(u32, Box<str>)>,
    kind: CanaryKind,
    variant: Variant,
    part: Part,
    of: usize,
    offset: u64,
    excerpt: String,
}

impl CanaryMatch {
    /// `text` begins at `offset` of a stream.
    pub(super) fn new(
        planted: Option<Planted<'_>>,
        found: &Found,
        text: &[u8],
        offset: u64,
    ) -> Self {
        Self {
            owner: planted.map(|planted| (planted.session, planted.field.into())),
            kind: planted.map_or(CanaryKind::Token, |planted| planted.kind),
            variant: found.variant,
            part: found.part,
            of: planted.map_or(TOKEN, |planted| planted.needle.len()),
            offset: offset + found.start as u64,
            excerpt: excerpt(text, found),
        }
    }

    /// The session that it was planted for; `None` if that was with another seed, so that somebody
    /// has kept it since.
    #[must_use]
    pub fn session(&self) -> Option<usize> {
        self.owner.as_ref().map(|(session, _)| *session as usize)
    }

    /// The field that it was planted in; `None` if that was with another seed.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.owner.as_ref().map(|(_, field)| &**field)
    }

    /// What it looks like.
    #[must_use]
    pub const fn kind(&self) -> CanaryKind {
        self.kind
    }

    /// How it was written.
    #[must_use]
    pub const fn variant(&self) -> Variant {
        self.variant
    }

    /// Whether all of it was there, and not only a part that is enough to tell whose it is.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self.part, Part::Whole)
    }

    /// The byte of the text, decoded and since the beginning of the stream, that it begins at.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The text around it, on one line: control characters are escaped. It may be anything that the
    /// application wrote, and nothing is escaped for HTML.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }
}

impl fmt::Display for CanaryMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variant, of, offset, excerpt, .. } = self;
        match &self.owner {
            Some((session, field)) => write!(f, "`{field}` of session {session}, {variant}")?,
            None => write!(f, "a canary of another seed, {variant}")?,
        }
        match self.part {
            Part::Whole => {}
            Part::First(kept) => write!(f, ", its first {kept} of {of} characters")?,
            Part::Last(kept) => write!(f, ", its last {kept} of {of} characters")?,
        }
        write!(f, ", at byte {offset}: {excerpt}")
    }
}

fn excerpt(text: &[u8], found: &Found) -> String {
    let start = found.start.saturating_sub(AROUND);
    let end = text.len().min(found.end + AROUND);
    let mut excerpt = String::new();
    if start > 0 {
        excerpt.push('…');
    }
    for c in String::from_utf8_lossy(&text[start..end]).chars() {
        if c.is_control() || is_invisible(c) {
            excerpt.extend(c.escape_default());
        } else {
            excerpt.push(c);
        }
    }
    if end < text.len() {
        excerpt.push('…');
    }
    excerpt
}

/// Whether `c` could make a line look like another one: separators of lines, and what changes the
/// direction of the text (Trojan Source, CVE-2021-42574).
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
