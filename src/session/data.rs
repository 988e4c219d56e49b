//! What a session holds, read and written.

use super::backoff::Backoff;
use super::backoff::until_sure;
use super::current::Session;
use super::opened::Opened;
use super::patience;
use super::session_error::SessionError;
use super::value::Data;
use super::value::SessionValue;

/// How often a write is tried before others who write each time.
const TRIES: usize = 16;

impl Session {
    /// The value of type `T`, if the session holds one. The session is read from the store once for
    /// the request, and again when it has changed, as far as this process has heard.
    ///
    /// # Errors
    /// If the session is over, the value is [malformed](SessionError::is_malformed), or the store
    /// fails.
    pub async fn get<T: SessionValue>(&self) -> Result<Option<T>, SessionError> {
        let Some(opened) = self.inner.get()? else { return Ok(None) };
        let sessions = &self.inner.sessions;
        let data = opened.data(sessions.store());
        patience::reads(sessions.operation_timeout, data).await?.data.get()
    }

    /// Changes the value of type `T`, or a default one if the session holds none, and returns what
    /// `change` returns. Of several at once none is lost, also over several processes.
    ///
    /// `change` is called once more whenever another process has written meanwhile, each time with
    /// the value as it is then. What only grows, such as a history, is better
    /// [appended](Self::append).
    ///
    /// # Errors
    /// If the session is over, [contended](SessionError::is_contended), or full, if the value is
    /// [malformed](SessionError::is_malformed), or the store fails. Without a session yet, also [too
    /// late](SessionError::is_too_late).
    ///
    /// # Cancel safety
    /// The change may have happened, as a whole.
    ///
    /// ```
    /// use request_context::session::{Session, SessionError, SessionValue};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Default, Serialize, Deserialize)]
    /// struct Visits(u32);
    ///
    /// impl SessionValue for Visits {
    ///     const KEY: &'static str = "visits";
    /// }
    ///
    /// async fn visit() -> Result<u32, SessionError> {
    ///     Session::current()
    ///         .update(|visits: &mut Visits| {
    ///             visits.0 += 1;
    ///             visits.0
    ///         })
    ///         .await
    /// }
    /// ```
    pub async fn update<T: SessionValue, R>(
        &self,
        mut change: impl FnMut(&mut T) -> R,
    ) -> Result<R, SessionError> {
        let update = async {
            let opened = self.inner.get_or_make().await?;
            let written = self.write(opened, |data| {
                let mut value = data.get::<T>()?.unwrap_or_default();
                let result = change(&mut value);
                data.insert(&value)?;
                Ok(Some(result))
            });
            // The change is never refused, so there is no other case.
            written.await?.ok_or(SessionError::CONTENDED)
        };
        patience::writes(self.inner.sessions.operation_timeout, update).await
    }

    /// Removes the value of type `T`; whether the session held one.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    ///
    /// # Cancel safety
    /// As [`update`](Self::update).
    pub async fn remove<T: SessionValue>(&self) -> Result<bool, SessionError> {
        let Some(opened) = self.inner.get()? else { return Ok(false) };
        let removed = self.write(opened, |data| Ok(data.remove::<T>().then_some(())));
        Ok(patience::writes(self.inner.sessions.operation_timeout, removed).await?.is_some())
    }

    /// Uses the session: its idle time begins anew. Writes do that too, reads do not.
    ///
    /// # Errors
    /// If the session is over, or the store fails.
    pub async fn touch(&self) -> Result<(), SessionError> {
        let Some(opened) = self.inner.get()? else { return Ok(()) };
        opened.check_life()?;
        let asked = opened.ask();
        let sessions = &self.inner.sessions;
        let touch = async { Ok(until_sure(|| sessions.store().touch(&opened.id)).await?) };
        let record = patience::writes(sessions.operation_timeout, touch).await?;
        opened.found(asked, record).map(drop)
    }

    /// Writes what `change` makes of the data, unless it returns `None`.
    async fn write<R>(
        &self,
        opened: &Opened,
        mut change: impl FnMut(&mut Data) -> Result<Option<R>, SessionError>,
    ) -> Result<Option<R>, SessionError> {
        let store = self.inner.sessions.store();
        let _gate = opened.attached.gate.lock().await;
        let mut backoff = Backoff::default();
        for _ in 0..TRIES {
            let before = opened.data(store).await?;
            let mut data = Data::clone(&before.data);
            let Some(result) = change(&mut data)? else { return Ok(None) };
            if opened.write(store, &before, data).await? {
                return Ok(Some(result));
            }
            backoff.pause().await;
        }
        Err(SessionError::CONTENDED)
    }
}
