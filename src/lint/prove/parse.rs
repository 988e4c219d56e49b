//! A source that is read once more, for what only a proof needs of it.

use std::panic;
use std::panic::AssertUnwindSafe;
use std::thread;

/// The parser's recursion needs more than a thread has.
const STACK: usize = 256 << 20;

/// What `read` makes of sources; nothing where the parser fails, or there can be no thread.
pub(super) fn parsed<T: Default + Send>(read: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(STACK);
        let read = || panic::catch_unwind(AssertUnwindSafe(read)).unwrap_or_default();
        #[expect(clippy::disallowed_methods, reason = "no request is served here")]
        let reader = reader.spawn_scoped(scope, read);
        reader.ok().and_then(|reader| reader.join().ok()).unwrap_or_default()
    })
}
