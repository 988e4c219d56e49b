//! How far the users are, on a terminal.

use request_context::spawn_outside;
use std::io::IsTerminal;
use std::io::stderr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::interval;

const EVERY: Duration = Duration::from_millis(100);
const WIDTH: usize = 40;

pub(super) struct Progress {
    done: AtomicUsize,
    total: usize,
    is_shown: bool,
}

impl Progress {
    pub(super) fn start(total: usize) -> Arc<Self> {
        let progress = Self { done: AtomicUsize::new(0), total, is_shown: stderr().is_terminal() };
        let progress = Arc::new(progress);
        if progress.is_shown {
            spawn_outside(Arc::clone(&progress).show());
        }
        progress
    }

    pub(super) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes the line away again.
    pub(super) fn stop(&self) {
        self.done.store(self.total, Ordering::Relaxed);
        if self.is_shown {
            eprint!("\r\x1b[K");
        }
    }

    async fn show(self: Arc<Self>) {
        let mut tick = interval(EVERY);
        loop {
            tick.tick().await;
            let done = self.done.load(Ordering::Relaxed);
            if done >= self.total {
                break;
            }
            let bar = WIDTH * done / self.total;
            eprint!(
                "\r  {:━<bar$}{:╌<rest$}  {done} of {} requests",
                "",
                "",
                self.total,
                rest = WIDTH - bar
            );
        }
    }
}
