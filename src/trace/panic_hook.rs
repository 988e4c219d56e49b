//! Names the request in a panic report.

use super::fields::LogFields;
use super::line;
use crate::context::current;
use std::io;
use std::io::Write;
use std::panic;

/// From now on, a panic inside a context is reported with its request.
///
/// Before the hook that was installed until now is called, one line is written to standard error:
/// `panic in request.id=… session.id=… user.id=…:`, the IDs that `fields` chooses. A panic outside
/// every context is reported as before. Call it once, early in `main`.
///
/// ```
/// use request_context::LogFields;
///
/// request_context::install_panic_hook(LogFields::all());
/// ```
///
/// # Panics
/// When called from a panicking thread, as [`std::panic::set_hook`] does.
pub fn install_panic_hook(fields: LogFields) {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if let Some(line) = request_line(&fields) {
            // In one write, so that lines of two threads do not mix. There is no one to tell of a
            // standard error that cannot be written.
            let _ = io::stderr().lock().write_all(line.as_bytes());
        }
        previous(info);
    }));
}

fn request_line(fields: &LogFields) -> Option<String> {
    current::peek(|context| {
        let mut line = String::from("panic in");
        fields.each(context, |name, value| {
            line.push(' ');
            line.push_str(name);
            line.push('=');
            line::push_value(&mut line, value);
        });
        line.push_str(":\n");
        line
    })
}
