//! What a command says.

use std::fmt::Display;
use std::io;
use std::io::Write as _;

/// Writes to standard output. A reader that has seen enough is no fault.
pub(super) fn write(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Says on standard error what went wrong. What of it is from a manifest or a path is not obeyed by a
/// terminal.
pub(super) fn error(what: impl Display) {
    let mut plain = String::from("error: ");
    for c in what.to_string().chars() {
        match c {
            '\n' | '\t' => plain.push(c),
            c if c.is_control() => plain.extend(c.escape_default()),
            c => plain.push(c),
        }
    }
    eprintln!("{plain}");
}
