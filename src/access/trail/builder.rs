//! Begins a trail.

use super::Alarm;
use super::SyncPolicy;
use super::Trail;
use super::queue::Queue;
use super::stats::Counters;
use super::trail::Clock;
use super::trail::OnAlarm;
use super::trail::Shared;
use super::writer::Writer;
use crate::access::chain::Chain;
use crate::access::chain::ChainKey;
use crate::access::encode::Encoding;
use crate::access::encode::Origin;
use crate::access::sink::Sink;
use crate::access::sink::StartError;
use std::fmt;
use std::process;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::SystemTime;

/// Begins a [`Trail`]; from [`Trail::builder`].
#[must_use = "there is no trail until `open` is called"]
pub struct TrailBuilder {
    origin: Origin,
    key: Option<ChainKey>,
    sync: SyncPolicy,
    capacity: usize,
    encoding: Encoding,
    clock: Clock,
    alarm: Option<OnAlarm>,
}

impl TrailBuilder {
    pub(super) fn new(service: String) -> Self {
        Self {
            origin: Origin { service, instance: format!("pid-{}", process::id()) },
            key: None,
            sync: SyncPolicy::default(),
            capacity: 8192,
            encoding: Encoding::default(),
            clock: Box::new(SystemTime::now),
            alarm: None,
        }
    }

    /// Names this instance of the service: `pid-` and the process ID unless set.
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.origin.instance = instance.into();
        self
    }

    /// Seals the lines with this key.
    pub fn key(self, key: ChainKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// How surely a record is kept before its access goes on.
    pub fn sync(self, sync: SyncPolicy) -> Self {
        Self { sync, ..self }
    }

    /// How many records may wait, beside those that are being written: 8192 unless set. What comes
    /// beyond fails, so a disk that hangs takes no memory.
    pub fn queue(self, capacity: usize) -> Self {
        Self { capacity, ..self }
    }

    /// Which JSON the records become.
    pub fn encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Lets accesses go on whose record is lost: fail open. `alarm` is told each time, on the
    /// thread of the access or of the writer, and must not block; a panic of it goes no further.
    /// [`Stats::lost`](super::Stats::lost) counts them, and the trail says in its next record how many
    /// there were.
    pub fn degrade(self, alarm: impl Fn(&Alarm) + Send + Sync + 'static) -> Self {
        Self { alarm: Some(Box::new(alarm)), ..self }
    }

    /// Takes the time from `clock`: for tests.
    pub fn clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Opens the trail: the chain that is there goes on, and a first record says that it does, so
    /// what comes later can be written too. Blocks; call it before serving.
    ///
    /// # Errors
    /// [`StartError`] if the sink cannot begin, or its first record cannot be written and synced.
    pub fn open(self, mut sink: impl Sink) -> Result<Trail, StartError> {
        let Self { origin, key, sync, capacity, encoding, clock, alarm } = self;
        let chain = Chain::new(key.as_ref());
        let start = sink.start(&chain)?;
        let shared = Arc::new(Shared {
            queue: Queue::new(capacity),
            encoding,
            origin,
            clock,
            counters: Counters::default(),
            head: Mutex::new(start.head().clone()),
            alarm,
        });
        let mut writer = Writer::new(Arc::clone(&shared), Box::new(sink), chain, sync, &start);
        writer.open(start.torn_bytes()).map_err(StartError::unwritten)?;
        let thread = thread::Builder::new().name("trail".to_owned());
        #[expect(clippy::disallowed_methods, reason = "the writer belongs to no request")]
        thread.spawn(move || writer.run()).map_err(StartError::unwritten)?;
        Ok(Trail::of(shared))
    }
}

impl fmt::Debug for TrailBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, key, sync, capacity, encoding, .. } = self;
        f.debug_struct("TrailBuilder")
            .field("origin", origin)
            .field("key", key)
            .field("sync", sync)
            .field("queue", capacity)
            .field("encoding", encoding)
            .finish_non_exhaustive()
    }
}
