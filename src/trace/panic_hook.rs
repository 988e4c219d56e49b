//! Names the request in a panic report.

use super::fields::LogFields;
use super::line;
use crate::context::current;
use std::io;
use std::io::Write;
use std::panic;
use std::panic::Location;

/// From now on, a panic inside a context is reported with its request.
///
/// Before the hook that was installed until now is called, one line is written to standard error:
/// `panic at src/cart.rs:7:9 in request.id=… session.id=… user.id=…`, with the IDs that `fields`
/// chooses; the place tells it from the lines of other threads. A panic outside every context is
/// reported as before. Call it once, early in `main`.
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
        if let Some(line) = request_line(&fields, info.location()) {
            // In one write, so that lines of two threads do not mix. There is no one to tell of a
            // standard error that cannot be written.
            let _ = io::stderr().lock().write_all(line.as_bytes());
        }
        previous(info);
    }));
}

fn request_line(fields: &LogFields, location: Option<&Location<'_>>) -> Option<String> {
    let mut ids = String::new();
    current::peek(|context| {
        fields.each(context, |name, value| {
            ids.push(' ');
            ids.push_str(name);
            ids.push('=');
            line::push_value(&mut ids, value);
        });
    });
    let place = location.map(|location| format!(" at {location}")).unwrap_or_default();
    (!ids.is_empty()).then(|| format!("panic{place} in{ids}\n"))
}
