//! Escapes what a `Debug` or `Display` writes.

use std::fmt;

pub(super) struct Escaped<'a> {
    pub(super) out: &'a mut String,
    pub(super) push: fn(&mut String, &str),
}

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        (self.push)(self.out, text);
        Ok(())
    }
}
