//! Names in a text, marked up.

use super::escaped::Escaped;
use std::fmt;

/// Text, escaped; what is between backticks is bold.
pub(super) struct Marked<'a>(pub(super) &'a str);

impl fmt::Display for Marked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.0.split('`').enumerate() {
            let part = Escaped(part);
            if place % 2 == 1 { write!(f, "<b>{part}</b>")? } else { write!(f, "{part}")? }
        }
        Ok(())
    }
}
