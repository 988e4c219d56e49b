//! `OfSession`: what a session gives away over time.

use super::Sink;
use super::observe::current;
use super::observer::Observer;
use super::observer::Place;
use crate::testing::canary::CanaryMatch;
use crate::testing::canary::CanaryStream;
use std::sync::Arc;

/// What the session that made a request gives away with it, also when another one runs.
pub(super) struct OfSession {
    observer: Arc<Observer>,
    session: usize,
}

impl OfSession {
    /// The session that this code works for; none outside a run.
    pub(super) fn current() -> Option<Self> {
        let observer = current()?;
        let session = observer.board.whose()?;
        Some(Self { observer, session })
    }

    fn place<'a>(&self, name: &'a str) -> Place<'a> {
        Place { seer: Some(self.session), sink: Sink::Outgoing, name, request: None }
    }

    pub(super) fn look(&self, name: &str, bytes: &[u8]) {
        self.observer.look(self.place(name), bytes);
    }

    pub(super) fn feed(&self, name: &str, stream: &mut CanaryStream, piece: &[u8]) {
        self.note(name, &stream.feed(self.observer.canaries(), piece));
    }

    pub(super) fn finish(&self, name: &str, stream: CanaryStream) {
        self.note(name, &stream.finish(self.observer.canaries()));
    }

    fn note(&self, name: &str, found: &[CanaryMatch]) {
        for found in found {
            self.observer.note(self.place(name), found);
        }
    }
}
