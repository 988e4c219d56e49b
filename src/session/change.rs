//! A session begins, gives way to another one, and ends.

use super::backoff::until_sure;
use super::current::Handle;
use super::current::Pending;
use super::current::Session;
use super::error::StoreError;
use super::opened::Opened;
use super::opened::Unsure;
use super::outbox::Outgoing;
use super::patience;
use super::session_error::SessionError;
use super::store::NewSession;
use super::store::Rotation;
use super::write_id::WriteId;
use crate::context::RequestContext;
use crate::context::TenantId;
use crate::context::UserId;
use crate::owner::Owner;
use std::mem;
use std::sync::atomic::Ordering;

impl Session {
    /// Gives the session a new token and a new ID, with all that it holds; the old ones are dead at
    /// once. After every change of what the user may do (OWASP ASVS 5.0, 7.2.4).
    ///
    /// Run the rest of the handler in the context returned: this handle, and all others of the
    /// session, are revoked. Without a session yet there is nothing to rotate.
    ///
    /// # Errors
    /// [Too late](SessionError::is_too_late), and nothing has happened, once the head of the response is
    /// sent. Besides, if the session is over or the store fails.
    ///
    /// A head that is made while the store is being asked has the new token already, since the old one
    /// is probably dead. If the store refuses after all, the old session stays as it is, and this client
    /// can no longer reach it: await the rotation before responding.
    ///
    /// # Cancel safety
    /// The session may have been rotated. The head of the response has the new token then, as far as the
    /// store was asked; to be certain rotate again with this handle.
    #[must_use = "the rest of the request must run in the context returned"]
    pub async fn rotate(&self) -> Result<RequestContext, SessionError> {
        let context = RequestContext::try_current()?;
        if self.inner.get()?.is_none() {
            return Ok(context);
        }
        let rotate = self.replace(&context, self.owner());
        patience::writes(self.inner.sessions.operation_timeout, rotate).await
    }

    /// Logs `user` in: a new session with a new token in the place of this one, which is dead at
    /// once. `tenant` is the one of the context if it is `None`.
    ///
    /// The new session is empty: what anonymous visitors or other users had stored is not taken along
    /// (OWASP ASVS 5.0, 7.2.4). Read what is worth keeping before, and write it
    /// afterwards. Only the same user who logs in again keeps the session's data.
    ///
    /// Run the rest of the handler in the context returned.
    ///
    /// # Errors
    /// As [`rotate`](Self::rotate).
    ///
    /// # Cancel safety
    /// As [`rotate`](Self::rotate): log in again with this handle.
    ///
    /// ```
    /// use request_context::session::Session;
    ///
    /// async fn log_in() -> Result<(), Box<dyn std::error::Error>> {
    ///     // … verify the password, then:
    ///     let context = Session::current().log_in("ada".parse()?, None).await?;
    ///     context.scope(welcome()).await;
    ///     Ok(())
    /// }
    ///
    /// async fn welcome() { /* Session::current() is ada's */ }
    /// ```
    #[must_use = "the rest of the request must run in the context returned"]
    pub async fn log_in(
        &self,
        user: UserId,
        tenant: Option<TenantId>,
    ) -> Result<RequestContext, SessionError> {
        let context = RequestContext::try_current()?;
        self.inner.get()?;
        let mut owner = Owner::user(user);
        if let Some(tenant) = tenant.or_else(|| context.get::<TenantId>().cloned()) {
            owner = owner.with_tenant(tenant);
        }
        let log_in = self.replace(&context, owner);
        patience::writes(self.inner.sessions.operation_timeout, log_in).await
    }

    /// Logs out: deletes the session. From then on nothing reads or writes it, and nothing brings it
    /// back. A session that is over already stays so.
    ///
    /// If another request has rotated the session, or logged the same user in again, what is in its
    /// place now is deleted as well: once this returns, nothing of this login is left. Within this
    /// process that is so whenever the other came first. What another process has put in its place is
    /// found if the store [knows it](super::SessionStore::successor): ours do for two minutes.
    ///
    /// # Errors
    /// If the store fails. The handle can try again.
    ///
    /// # Cancel safety
    /// The session may have been deleted; handles find out at their next use.
    pub async fn log_out(&self) -> Result<(), SessionError> {
        patience::writes(self.inner.sessions.operation_timeout, self.end()).await
    }

    async fn end(&self) -> Result<(), SessionError> {
        let handle = &*self.inner;
        handle.check_home()?;
        let mut making = handle.making.lock().await;
        let mut deleted = Vec::new();
        if let Some(opened) = handle.opened.get() {
            handle.sessions.delete_with_successors(&opened.id, &mut deleted).await?;
        }
        // Behind the one that it would take the place of: from then on it cannot come about.
        if let Some(pending) = &*making {
            handle.sessions.delete(&pending.token.session_id()).await?;
            *making = None;
        }
        let is_first = !handle.is_replaced.swap(true, Ordering::AcqRel);
        if is_first || handle.outbox.has_token_of(&deleted) {
            handle.outbox.put(Outgoing::Forget);
        }
        Ok(())
    }

    async fn replace(
        &self,
        context: &RequestContext,
        owner: Owner,
    ) -> Result<RequestContext, SessionError> {
        let handle = &*self.inner;
        let mut making = handle.making.lock().await;
        let old = handle.get()?;
        // A rotation that may have happened has ended the old session, if it has.
        if let (Some(old), None) = (old, &*making) {
            old.check_life()?;
        }
        let opened = handle.make(&mut making, owner, old).await?;
        handle.is_replaced.store(true, Ordering::Release);
        drop(making);
        Ok(Self::opened(handle.sessions.clone(), opened, handle.outbox.clone()).enter(context))
    }
}

impl Handle {
    /// Makes a session of `owner`, from nothing or in the place of `old`, and has its token told to
    /// the client.
    pub(super) async fn make(
        &self,
        making: &mut Option<Pending>,
        owner: Owner,
        old: Option<&Opened>,
    ) -> Result<Opened, SessionError> {
        let owner = owner.without_session();
        let retried = making.as_ref().filter(|pending| pending.owner == owner);
        if !self.outbox.can_tell(retried.map(|pending| &pending.token)) {
            return Err(SessionError::TOO_LATE);
        }
        if let Some(other) = making.as_ref().filter(|pending| pending.owner != owner) {
            // It may be there, and nobody would ever know its token.
            self.sessions.delete(&other.token.session_id()).await?;
            self.outbox.withdraw(&other.token);
            *making = None;
        }
        let pending = match making.take() {
            Some(pending) => pending,
            None => self.pending(owner)?,
        };
        let pending = making.insert(pending);
        // Also if this future is dropped before the answer has come.
        let was_in_doubt = mem::replace(&mut pending.is_in_doubt, true);
        let answer = match old {
            Some(old) => self.put_in_place_of(old, pending).await,
            None => {
                let mut new = NewSession::new(pending.owner.clone(), self.sessions.timeouts());
                new.write = pending.write;
                self.sessions.create_as(pending.token.session_id(), new).await
            }
        };
        let is_open = match &answer {
            Err(error) if error.is_in_doubt() || error.is_corrupt() => return answer,
            Err(error) if was_in_doubt && error.is_too_late() => return answer,
            // That nothing has happened now says nothing of what was asked before.
            Err(error) if was_in_doubt && error.is_unavailable() => {
                return answer.map_err(|error| StoreError::in_doubt(error).into());
            }
            // Between this and the store's answer nothing is awaited.
            Ok(_) => making.take().is_some_and(|made| self.outbox.put(Outgoing::Token(made.token))),
            Err(_) => {
                if let Some(refused) = making.take() {
                    self.outbox.withdraw(&refused.token);
                }
                return answer;
            }
        };
        if let (Ok(opened), false) = (&answer, is_open) {
            // Nobody will ever know the token: the head was sent before the store was asked to begin a
            // session, or there is none, as the request was given up.
            self.sessions.delete(&opened.id).await?;
            return Err(SessionError::TOO_LATE);
        }
        answer
    }

    fn pending(&self, owner: Owner) -> Result<Pending, SessionError> {
        let token = self.sessions.token()?;
        let attached = self.sessions.lives.attach(&token.session_id());
        Ok(Pending { token, owner, write: WriteId::new(), attached, is_in_doubt: false })
    }

    async fn put_in_place_of(
        &self,
        old: &Opened,
        pending: &Pending,
    ) -> Result<Opened, SessionError> {
        let Pending { token, owner, write, attached, .. } = pending;
        let opened = Opened::new(token.session_id(), owner.clone(), attached.clone());
        self.sessions.lives.belongs_to(&opened.id, owner);
        // Writes of this process that are under way come first.
        let _gate = old.attached.gate.lock().await;
        // From here on the old token may be dead, so a head that goes out now has the new one.
        if !self.outbox.offer(token) {
            return Err(SessionError::TOO_LATE);
        }
        let mut rotation =
            Rotation::new(opened.id.clone(), owner.clone(), self.sessions.timeouts());
        rotation.write = *write;
        let asked = opened.ask();
        let mut unsure = Unsure::of_end(old.life());
        let store = self.sessions.store();
        let gate = &old.attached.gate;
        if old.owner == *owner {
            gate.may_give_way_to(&opened.id, attached);
        }
        let answer = until_sure(|| store.rotate(&old.id, &old.owner, rotation.clone())).await;
        let answer = unsure.resolve(answer);
        if answer.is_err() && unsure.is_sure {
            gate.has_not_given_way_to(&opened.id);
        }
        let record = old.judge(answer)?;
        old.life().end();
        opened.check_record(&record)?;
        drop(opened.accept(asked, &record));
        // A logout that has found it here has ended it already.
        opened.check_life()?;
        Ok(opened)
    }
}
