//! Hostile text, made harmless.

use std::fmt;
use std::fmt::Write;

/// Text that means nothing to HTML, neither between tags nor in a quoted attribute: what servers
/// under test write may be anything.
pub(super) struct Escaped<T>(pub(super) T);

impl<T: fmt::Display> fmt::Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| match c {
            '&' => self.0.write_str("&amp;"),
            '<' => self.0.write_str("&lt;"),
            '>' => self.0.write_str("&gt;"),
            '"' => self.0.write_str("&quot;"),
            '\'' => self.0.write_str("&#39;"),
            // Not allowed in HTML, not even as a reference.
            c if c.is_control() && !matches!(c, '\n' | '\t') => self.0.write_char('\u{fffd}'),
            c => self.0.write_char(c),
        })
    }
}
