//! One session that this process has open: what is known of it, and its way to the store.

use super::backoff::until_sure;
use super::error::StoreError;
use super::lives::Attached;
use super::record::Record;
use super::record::Version;
use super::session_error::SessionError;
use super::store::SessionStore;
use super::store::Update;
use super::value::Data;
use super::write_id::WriteId;
use crate::context::SessionId;
use crate::context::session_life::Heard;
use crate::context::session_life::SessionLife;
use crate::owner::Owner;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

/// A session that was found or made, not yet in a context: for
/// [`Sessions::enter`](super::Sessions::enter).
pub struct Opened {
    pub(super) id: SessionId,
    pub(super) owner: Owner,
    pub(super) attached: Attached,
    cached: Mutex<Option<Cached>>,
    /// One read of the store at a time, so that several that are asked at once are one.
    reading: tokio::sync::Mutex<()>,
}

/// The data, and as of when.
#[derive(Clone)]
pub(super) struct Cached {
    pub(super) version: Version,
    pub(super) data: Arc<Data>,
    doubts: u64,
}

/// Taken before the store is asked.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    at: Instant,
    doubts: u64,
}

impl Opened {
    pub(super) fn new(id: SessionId, owner: Owner, attached: Attached) -> Self {
        let reading = tokio::sync::Mutex::default();
        Self { id, owner, attached, cached: Mutex::default(), reading }
    }

    /// The session.
    #[must_use]
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// Who it belongs to; nobody before a login.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The time until it expires if it is not used again.
    #[must_use]
    pub fn expires_in(&self) -> Duration {
        self.life().expires().saturating_duration_since(Instant::now())
    }

    pub(super) fn life(&self) -> &SessionLife {
        &self.attached.life
    }

    pub(super) fn version(&self) -> Option<Version> {
        self.lock().as_ref().map(|cached| cached.version)
    }

    pub(super) fn check_life(&self) -> Result<(), SessionError> {
        if self.life().has_ended() { Err(SessionError::REVOKED) } else { Ok(()) }
    }

    pub(super) fn ask(&self) -> Asked {
        Asked { at: Instant::now(), doubts: self.life().heard().doubts }
    }

    /// Notes that the session is there, by the store's answer.
    pub(super) fn hear(&self, asked: Asked, version: Version, expires_in: Duration) {
        self.life().hear(Heard {
            expires: asked.at + expires_in,
            version: version.get(),
            doubts: asked.doubts,
        });
    }

    /// Notes that the session was used, which says nothing of its data.
    pub(super) fn used(&self, asked: Asked, expires_in: Duration) {
        self.life().hear(Heard {
            expires: asked.at + expires_in,
            version: 0,
            doubts: asked.doubts,
        });
    }

    /// Notes that the session is not there, if that is the store's answer.
    pub(super) fn judge<T>(&self, answer: Result<T, StoreError>) -> Result<T, SessionError> {
        if answer.as_ref().is_err_and(|error| error.is_gone() || error.is_owner_mismatch()) {
            self.life().end();
        }
        Ok(answer?)
    }

    /// Whether a record is that of this session and of its owner; a store may mix up its answers.
    pub(super) fn check_record(&self, record: &Record) -> Result<(), SessionError> {
        self.check(&record.id, &record.owner)
    }

    /// Whether an answer is one of this session and of its owner.
    pub(super) fn check(&self, id: &SessionId, owner: &Owner) -> Result<(), SessionError> {
        check_id(&self.id, id)?;
        if *owner != self.owner {
            self.life().end();
            return Err(SessionError::OWNER_MISMATCH);
        }
        Ok(())
    }

    /// Takes in a record that was checked.
    pub(super) fn accept(&self, asked: Asked, record: &Record) -> Result<Cached, SessionError> {
        self.hear(asked, record.version, record.expires_in);
        let data = Arc::new(Data::parse(&record.data)?);
        Ok(self.keep(asked, record.version, data))
    }

    fn keep(&self, asked: Asked, version: Version, data: Arc<Data>) -> Cached {
        let new = Cached { version, data, doubts: asked.doubts };
        let before = {
            let mut cached = self.lock();
            let is_later = |old: &Cached| (old.doubts, old.version) > (new.doubts, new.version);
            if cached.as_ref().is_some_and(is_later) {
                return new;
            }
            cached.replace(new.clone())
        };
        drop(before);
        new
    }

    /// The data, if it is known as it is now as far as this process has heard.
    fn known(&self) -> Result<Option<Cached>, SessionError> {
        self.check_life()?;
        let heard = self.life().heard();
        if heard.expires <= Instant::now() {
            return Ok(None);
        }
        let is_current = |cached: &Cached| {
            cached.doubts == heard.doubts && cached.version.get() >= heard.version
        };
        Ok(self.lock().clone().filter(is_current))
    }

    /// The data, read from the store if need be.
    pub(super) async fn data(&self, store: &dyn SessionStore) -> Result<Cached, SessionError> {
        if let Some(cached) = self.known()? {
            return Ok(cached);
        }
        let _reading = self.reading.lock().await;
        if let Some(cached) = self.known()? {
            return Ok(cached);
        }
        let asked = self.ask();
        let record = until_sure(|| store.load(&self.id)).await?;
        self.found(asked, record)
    }

    /// Takes in the store's answer to what reads the session.
    pub(super) fn found(
        &self,
        asked: Asked,
        record: Option<Record>,
    ) -> Result<Cached, SessionError> {
        let Some(record) = record else {
            self.life().end();
            return Err(SessionError::REVOKED);
        };
        self.check_record(&record)?;
        let cached = self.accept(asked, &record)?;
        self.check_life()?;
        Ok(cached)
    }

    /// Writes the data in the place of `before`; false if somebody else has written meanwhile, which
    /// is known then.
    pub(super) async fn write(
        &self,
        store: &dyn SessionStore,
        before: &Cached,
        data: Data,
    ) -> Result<bool, SessionError> {
        let bytes = data.to_bytes()?;
        let write = WriteId::new();
        let asked = self.ask();
        let mut unsure =
            Unsure { life: self.life(), doubt: SessionLife::doubt_data, is_sure: false };
        let answer = until_sure(|| {
            store.update(&self.id, &self.owner, before.version, bytes.clone(), write)
        });
        let answer = unsure.resolve(answer.await);
        match self.judge(answer)? {
            Update::Written(written) => {
                self.hear(asked, written.version, written.expires_in);
                self.keep(asked, written.version, Arc::new(data));
                Ok(true)
            }
            Update::Conflict(record) => {
                self.check_record(&record)?;
                self.accept(asked, &record)?;
                Ok(false)
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Cached>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the answer is one of the session asked for.
pub(super) fn check_id(asked: &SessionId, answered: &SessionId) -> Result<(), StoreError> {
    if asked == answered { Ok(()) } else { Err(StoreError::corrupt("it is another session's")) }
}

/// Casts doubt on a session if a write of it is given up without the store's answer.
pub(super) struct Unsure<'a> {
    pub(super) life: &'a SessionLife,
    pub(super) doubt: fn(&SessionLife),
    pub(super) is_sure: bool,
}

impl<'a> Unsure<'a> {
    /// For what ends the session.
    pub(super) fn of_end(life: &'a SessionLife) -> Self {
        Self { life, doubt: SessionLife::doubt, is_sure: false }
    }

    /// Notes the store's answer, if it is one.
    pub(super) fn resolve<T>(&mut self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        self.is_sure = is_sure(&answer);
        answer
    }
}

impl Drop for Unsure<'_> {
    fn drop(&mut self) {
        if !self.is_sure {
            (self.doubt)(self.life);
        }
    }
}

/// Whether it is known what has happened.
pub(super) fn is_sure<T>(answer: &Result<T, StoreError>) -> bool {
    !answer.as_ref().is_err_and(|error| error.is_in_doubt() || error.is_corrupt())
}

/// Without the data.
impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("id", &self.id).field("owner", &self.owner).finish()
    }
}
