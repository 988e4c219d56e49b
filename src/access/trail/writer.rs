//! The one that writes, on a thread of its own.

use super::SyncPolicy;
use super::TrailError;
use super::queue::Work;
use super::stats::count;
use super::trail::Shared;
use crate::access::Outcome;
use crate::access::chain::Chain;
use crate::access::chain::Head;
use crate::access::encode::Record;
use crate::access::sink::Sink;
use crate::access::sink::Start;
use std::io;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Instant;
use std::time::SystemTime;

/// Takes what is queued, seals it, appends it, syncs it, tells.
pub(super) struct Writer {
    shared: Arc<Shared>,
    sink: Box<dyn Sink>,
    chain: Chain,
    policy: SyncPolicy,
    head: Head,
    /// The lines that are being written; kept for its memory.
    lines: Vec<u8>,
    /// When what was appended must be synced, by the policy.
    sync_by: Option<Instant>,
    /// How many lost records the trail itself has told of.
    lost_told: u64,
    /// A sync failed after the accesses had gone on.
    is_in_doubt: bool,
}

impl Writer {
    pub(super) fn new(
        shared: Arc<Shared>,
        sink: Box<dyn Sink>,
        chain: Chain,
        policy: SyncPolicy,
        start: &Start,
    ) -> Self {
        let head = start.head().clone();
        let (lines, sync_by) = (Vec::new(), None);
        Self { shared, sink, chain, policy, head, lines, sync_by, lost_told: 0, is_in_doubt: false }
    }

    /// Writes the first records of a trail that is opened.
    pub(super) fn open(&mut self, torn_bytes: Option<u64>) -> io::Result<()> {
        let mut head = self.begin();
        if let Some(bytes) = torn_bytes {
            let reason = "a last line that was not whole is cut off; count is its bytes";
            self.about_itself(&mut head, "repair", Outcome::Error, Some(bytes), Some(reason));
            tracing::warn!(bytes, "the trail's last line was not whole and is cut off");
        }
        self.about_itself(&mut head, "open", Outcome::Allowed, None, None);
        self.append(head)?;
        self.sync()
    }

    /// Until the trail is closed.
    pub(super) fn run(mut self) {
        // Also if the sink panics, nobody waits in vain.
        let ending = Ending { shared: Arc::clone(&self.shared), result: None };
        let mut bodies = Vec::new();
        loop {
            match self.shared.queue.take(&mut bodies, self.sync_by) {
                Work::Write(batch) => {
                    let result = self.write(&bodies).map_err(TrailError::io);
                    let told = result.or_else(|error| self.lose(&error, bodies.len()));
                    batch.tell(told);
                    bodies.clear();
                }
                Work::Sync => {
                    if let Err(error) = self.sync() {
                        self.doubt(error);
                    }
                }
                Work::Close => break,
            }
        }
        let result = self.close().map_err(TrailError::io);
        // The sink's lock is free before anybody is told.
        drop(self);
        ending.with(result);
    }

    fn write(&mut self, bodies: &[Vec<u8>]) -> io::Result<()> {
        let mut head = self.begin();
        let lost = self.about_losses(&mut head);
        let closing = self.shared.encoding.closing();
        for body in bodies {
            self.chain.seal(&mut self.lines, body, closing, &mut head);
        }
        self.append(head)?;
        self.lost_told = lost;
        match self.policy {
            SyncPolicy::EveryRecord => self.sync()?,
            _ if self.is_in_doubt => self.sync()?,
            SyncPolicy::Interval(time) => {
                self.sync_by = self.sync_by.or_else(|| Instant::now().checked_add(time));
            }
            SyncPolicy::Never => {}
        }
        self.is_in_doubt = false;
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        let mut head = self.begin();
        self.about_losses(&mut head);
        self.about_itself(&mut head, "close", Outcome::Allowed, None, None);
        let appended = self.append(head);
        // What was appended before is synced in any case.
        self.sync().and(appended)
    }

    /// The head that the lines to be sealed go on from.
    fn begin(&mut self) -> Head {
        self.lines.clear();
        self.head.clone()
    }

    /// Seals what is to be said of records before; how many are lost by now.
    fn about_losses(&mut self, head: &mut Head) -> u64 {
        let lost = self.shared.counters.lost.load(Ordering::Relaxed);
        if lost > self.lost_told {
            let reason = if self.shared.alarm.is_some() {
                "accesses before this one went on without a record; count is how many"
            } else {
                "accesses before this one were refused for want of a record; count is how many"
            };
            let count = Some(lost - self.lost_told);
            self.about_itself(head, "lose", Outcome::Error, count, Some(reason));
        }
        if self.is_in_doubt {
            let reason = "records before this one may be lost, if the machine failed";
            self.about_itself(head, "doubt", Outcome::Error, None, Some(reason));
        }
        lost
    }

    /// Seals a record of the trail about itself.
    fn about_itself(
        &mut self,
        head: &mut Head,
        what: &'static str,
        outcome: Outcome,
        count: Option<u64>,
        reason: Option<&str>,
    ) {
        let Shared { origin, encoding, .. } = &*self.shared;
        let now = self.now();
        let record = Record::of_trail(now, origin, what, outcome, count, reason);
        let body = encoding.encode(&record);
        self.chain.seal(&mut self.lines, &body, encoding.closing(), head);
    }

    /// Appends what is sealed, up to `head`: all of it, or nothing has happened.
    fn append(&mut self, head: Head) -> io::Result<()> {
        let first = self.head.sequence() + 1;
        self.sink.append(&self.lines, first, self.now())?;
        count(&self.shared.counters.writes, 1);
        let records = head.sequence() - self.head.sequence();
        self.shared.counters.records.fetch_add(records, Ordering::Relaxed);
        self.head.clone_from(&head);
        *self.shared.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_by = None;
        count(&self.shared.counters.syncs, 1);
        self.sink.sync()
    }

    fn lose(&self, error: &TrailError, lost: usize) -> Result<(), TrailError> {
        tracing::error!(lost, error = error as &dyn std::error::Error, "the trail lost records");
        self.shared.lose(error, lost)
    }

    /// The next records say so, and are synced before their accesses go on.
    fn doubt(&mut self, error: io::Error) {
        self.is_in_doubt = true;
        let error = TrailError::io(error);
        tracing::error!(error = &error as &dyn std::error::Error, "the trail could not be synced");
        self.shared.ring(&error, 0);
    }

    fn now(&self) -> SystemTime {
        (self.shared.clock)()
    }
}

/// Tells all who wait that the writer is gone, when dropped.
struct Ending {
    shared: Arc<Shared>,
    result: Option<Result<(), TrailError>>,
}

impl Ending {
    fn with(mut self, result: Result<(), TrailError>) {
        self.result = Some(result);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let result = self.result.take().unwrap_or_else(|| {
            tracing::error!("the writer of the trail panicked, so it takes no more records");
            Err(TrailError::closed())
        });
        self.shared.queue.end(result);
    }
}
