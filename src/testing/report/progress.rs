//! How far a run is, while it runs.

use super::words::Counted;
use super::words::Grouped;
use std::fmt;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::time::Duration;
use std::time::Instant;

/// How long a line stays at least.
const SHOWN: Duration = Duration::from_millis(100);

/// A line on the terminal that says how far a run is; nothing where standard error is none, so that
/// no log has it. The line goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: Option<Shown>,
}

#[derive(Debug)]
struct Shown {
    name: String,
    seeds: u64,
    next: Instant,
    is_written: bool,
}

impl Progress {
    pub(crate) fn new(name: &str, seeds: u64) -> Self {
        let shown = io::stderr().is_terminal().then(|| Shown {
            name: name.chars().filter(|c| !c.is_control()).take(40).collect(),
            seeds,
            // A run that is over at once shows nothing.
            next: Instant::now() + SHOWN,
            is_written: false,
        });
        Self { shown }
    }

    /// After a seed: how many are done, how many pairs of switches and ways to leak were seen.
    pub(crate) fn seed(&mut self, done: u64, pairs: u64, leaks: u64) {
        let Some(shown) = &mut self.shown else { return };
        let now = Instant::now();
        if now < shown.next {
            return;
        }
        shown.next = now + SHOWN;
        shown.is_written = true;
        let (name, seeds) = (&shown.name, Grouped(shown.seeds));
        let (done, pairs, leaks) = (Grouped(done), Grouped(pairs), Counted(leaks, "leak"));
        write(format_args!(
            "\r\x1b[2K{name}: {done} of {seeds} seeds, {pairs} switch pairs, {leaks}"
        ));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.as_ref().is_some_and(|shown| shown.is_written) {
            write(format_args!("\r\x1b[2K"));
        }
    }
}

fn write(line: fmt::Arguments<'_>) {
    let mut terminal = io::stderr().lock();
    // A terminal that is gone is no reason to fail a test.
    let _ = terminal.write_fmt(line).and_then(|()| terminal.flush());
}
