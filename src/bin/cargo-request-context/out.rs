//! What a command says.

use std::io;
use std::io::Write as _;

/// Writes to standard output. A reader that has seen enough is no fault.
pub(super) fn write(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
