//! All sessions of an application, as the edge sees them.

use super::backoff::twice_if_unsure;
use super::backoff::until_sure;
use super::current::Session;
use super::lives::Lives;
use super::opened::Opened;
use super::opened::Unsure;
use super::opened::check_id;
use super::opened::is_sure;
use super::outbox::Outbox;
use super::patience;
use super::record::SessionInfo;
use super::session_error::SessionError;
use super::store::NewSession;
use super::store::SessionStore;
use super::timeouts::Timeouts;
use super::token::Fill;
use super::token::NoRandomness;
use super::token::SessionToken;
use crate::context::ContextValue;
use crate::context::RequestContext;
use crate::context::SessionId;
use crate::context::TenantId;
use crate::owner::Owner;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Longer than a slow answer, a pause and another one; and no longer than a client waits for.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);

/// The sessions of an application: a store, how long sessions last, and which of them this process
/// has open.
///
/// Make one for the process and clone it: a clone is the same. All of a process's use of its sessions
/// goes through it, so that what ends a session here ends it for every request, task and stream of
/// this process at once; other processes notice at their next use of the store. Two that were made
/// apart are as two processes are, also on one store in memory. It is a [`ContextValue`], which the
/// session layer puts into each request's context.
///
/// ```
/// use request_context::owner::Owner;
/// use request_context::session::{MemoryStore, Sessions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sessions = Sessions::new(MemoryStore::default());
/// let ada = Owner::user("ada".parse()?);
/// let (token, opened) = sessions.create(&ada).await?;
/// assert_eq!(sessions.open(&token).await?.unwrap().id(), opened.id());
///
/// sessions.delete_all_of(&ada, None).await?;
/// assert!(sessions.open(&token).await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sessions {
    store: Arc<dyn SessionStore>,
    timeouts: Timeouts,
    pub(super) operation_timeout: Duration,
    random: Fill,
    pub(super) lives: Arc<Lives>,
}

impl ContextValue for Sessions {}

impl Sessions {
    /// The sessions in this store, with the default [`Timeouts`].
    #[must_use]
    pub fn new(store: impl SessionStore) -> Self {
        let lives = Arc::new(Lives::new());
        Self {
            store: Arc::new(store),
            timeouts: Timeouts::default(),
            operation_timeout: OPERATION_TIMEOUT,
            random: getrandom::fill,
            lives,
        }
    }

    /// The same, of which new sessions last this long.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// How long new sessions last.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// The same, of which no operation takes longer than this: 5 seconds, unless it is set.
    ///
    /// It bounds all that one call waits for together: its turn behind others of the same session, each
    /// answer of the store, also where what is in doubt is asked again or others have written before,
    /// and the pauses between. What changes something is [in doubt](SessionError::is_in_doubt) then, the
    /// rest [unavailable](SessionError::is_unavailable). A store that answers at once needs no timer;
    /// with every other one, tokio's timers must be enabled.
    #[must_use]
    pub fn with_operation_timeout(self, operation_timeout: Duration) -> Self {
        Self { operation_timeout, ..self }
    }

    /// In place of the operating system.
    #[cfg(test)]
    pub(super) fn with_random(self, random: Fill) -> Self {
        Self { random, ..self }
    }

    pub(super) fn token(&self) -> Result<SessionToken, NoRandomness> {
        SessionToken::drawn_from(self.random)
    }

    pub(super) fn store(&self) -> &dyn SessionStore {
        &*self.store
    }

    /// The session of a token, which is used by that; `None` if there is none, or no longer. A token
    /// that is not known is never adopted.
    ///
    /// # Errors
    /// If the store fails. Without an answer it is asked twice, not four times as by what comes later:
    /// every request waits for this.
    pub async fn open(&self, token: &SessionToken) -> Result<Option<Opened>, SessionError> {
        let id = token.session_id();
        let attached = self.lives.attach(&id);
        if attached.life.has_ended() {
            return Ok(None);
        }
        let mut opened = Opened::new(id, Owner::nobody(), attached);
        let asked = opened.ask();
        let touch = async { Ok(twice_if_unsure(|| self.store.touch(&opened.id)).await?) };
        let Some(record) = patience::writes(self.operation_timeout, touch).await? else {
            opened.life().end();
            return Ok(None);
        };
        check_id(&opened.id, &record.id)?;
        opened.owner = record.owner.clone();
        self.lives.belongs_to(&opened.id, &opened.owner);
        // Data that cannot be read is told of when it is asked for.
        drop(opened.accept(asked, &record));
        // Whatever has ended it since the store's answer has found its life.
        Ok((!opened.life().has_ended()).then_some(opened))
    }

    /// Makes an empty session of `owner`, who may be nobody. For logins in a request there is
    /// [`Session::log_in`].
    ///
    /// # Errors
    /// If the store fails or is full, or the operating system gives no random bytes.
    ///
    /// # Cancel safety
    /// There may be an empty session afterwards whose token nobody knows, until it expires.
    pub async fn create(&self, owner: &Owner) -> Result<(SessionToken, Opened), SessionError> {
        let token = self.token()?;
        let new = NewSession::new(owner.clone(), self.timeouts);
        let create = self.create_as(token.session_id(), new);
        let opened = patience::writes(self.operation_timeout, create).await?;
        Ok((token, opened))
    }

    pub(super) async fn create_as(
        &self,
        id: SessionId,
        new: NewSession,
    ) -> Result<Opened, SessionError> {
        let attached = self.lives.attach(&id);
        let opened = Opened::new(id, new.owner.clone(), attached);
        self.lives.belongs_to(&opened.id, &opened.owner);
        let asked = opened.ask();
        let record = until_sure(|| self.store.create(&opened.id, new.clone())).await?;
        opened.check_record(&record)?;
        drop(opened.accept(asked, &record));
        Ok(opened)
    }

    /// The context of a request with a handle to its session, [`Session::current`]: to the one that
    /// was opened, or to one that is made when something is first written. `outbox` is that of the
    /// request.
    ///
    /// User and tenant are those that the session belongs to.
    ///
    /// # Errors
    /// [Owner mismatch](SessionError::is_owner_mismatch) if the context has a user or a tenant
    /// already that the session does not belong to. Users are the same only in the same tenant: one
    /// who is authenticated without a tenant has no session of a tenant.
    pub fn enter(
        &self,
        context: &RequestContext,
        opened: Option<Opened>,
        outbox: &Outbox,
    ) -> Result<RequestContext, SessionError> {
        let Some(opened) = opened else {
            let session = Session::none_yet(self.clone(), Owner::of(context), outbox.clone());
            return Ok(context.to_builder().insert(self.clone()).insert(session).build());
        };
        let owner = opened.owner();
        let tenant = context.get::<TenantId>();
        if context.user().is_some() && context.user() != owner.user_id()
            || (context.user().is_some() || tenant.is_some()) && tenant != owner.tenant_id()
        {
            return Err(SessionError::OWNER_MISMATCH);
        }
        Ok(Session::opened(self.clone(), opened, outbox.clone()).enter(context))
    }

    /// Whether the context has a handle of these sessions already, which is of use in it.
    #[cfg(feature = "tower-session")]
    pub(crate) fn are_in(&self, context: &RequestContext) -> bool {
        let session: Option<&Session> = context.get();
        session.is_some_and(|session| {
            Arc::ptr_eq(&session.inner.sessions.lives, &self.lives)
                && session.inner.home == Owner::of(context)
        })
    }

    /// Deletes a session; whether it was there. Its handles in this process are revoked. What was put
    /// in its place for the same owner, by a rotation that came first, is deleted as well where that is
    /// known: as for [`Session::log_out`].
    ///
    /// # Errors
    /// If the store fails.
    ///
    /// # Cancel safety
    /// It may have been deleted. Handles find out at their next use.
    pub async fn delete(&self, id: &SessionId) -> Result<bool, SessionError> {
        let mut deleted = Vec::new();
        let delete = self.delete_with_successors(id, &mut deleted);
        patience::writes(self.operation_timeout, delete).await
    }

    /// The same; `deleted` are those that are not there from now on.
    pub(super) async fn delete_with_successors(
        &self,
        id: &SessionId,
        deleted: &mut Vec<SessionId>,
    ) -> Result<bool, SessionError> {
        let mut was_there = false;
        let mut rest = vec![(id.clone(), self.lives.attach(id))];
        while let Some((id, attached)) = rest.pop() {
            let mut unsure = Unsure::of_end(&attached.life);
            let is_deleted = unsure.resolve(until_sure(|| self.store.delete(&id)).await)?;
            attached.life.end();
            // Asked for after the deletion: a rotation that comes now finds nothing to rotate.
            rest.extend(attached.gate.may_have_given_way_to());
            if !is_deleted && let Some(next) = until_sure(|| self.store.successor(&id)).await? {
                let attached = self.lives.attach(&next);
                rest.push((next, attached));
            }
            was_there |= is_deleted;
            deleted.push(id);
            rest.retain(|(id, _)| !deleted.contains(id));
        }
        Ok(was_there)
    }

    /// Deletes all sessions of `owner`, but for `except`: "log out everywhere", after a change of
    /// password (OWASP ASVS 5.0, 7.4.3). Which they were. Their handles in this process are revoked.
    /// Of an owner without a user none: the anonymous visitors of a tenant are not one owner.
    ///
    /// # Errors
    /// If the store fails; some may have been deleted.
    ///
    /// # Cancel safety
    /// Some may have been deleted. Handles find out at their next use.
    pub async fn delete_all_of(
        &self,
        owner: &Owner,
        except: Option<&SessionId>,
    ) -> Result<Vec<SessionId>, SessionError> {
        let owner = owner.clone().without_session();
        if owner.user_id().is_none() {
            return Ok(Vec::new());
        }
        let mut unsure = UnsureOfAll { lives: &self.lives, owner: &owner, except, tries: 0 };
        let deleted = until_sure(|| {
            unsure.tries += 1;
            self.store.delete_all_of(&owner, except)
        });
        let answer = async { Ok(deleted.await) };
        let deleted = patience::writes(self.operation_timeout, answer).await?;
        // If the answer to the first try is lost, the one to the second does not name them all.
        if unsure.tries == 1 && is_sure(&deleted) {
            unsure.tries = 0;
        }
        let deleted = deleted?;
        for id in &deleted {
            if let Some(life) = self.lives.find(id) {
                life.end();
            }
        }
        Ok(deleted)
    }

    /// The sessions of `owner`, the oldest first (OWASP ASVS 5.0, 7.5.2). Of an owner without a user
    /// none, as in [`delete_all_of`](Self::delete_all_of).
    ///
    /// # Errors
    /// If the store fails.
    pub async fn list_of(&self, owner: &Owner) -> Result<Vec<SessionInfo>, SessionError> {
        let owner = owner.clone().without_session();
        if owner.user_id().is_none() {
            return Ok(Vec::new());
        }
        let list = async { Ok(until_sure(|| self.store.list_of(&owner)).await?) };
        patience::reads(self.operation_timeout, list).await
    }

    /// Has the store free what has expired; how many sessions that were.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn prune(&self) -> Result<u64, SessionError> {
        let prune = async { Ok(self.store.prune().await?) };
        patience::writes(self.operation_timeout, prune).await
    }
}

/// Has all sessions of an owner ask the store before they are used again.
struct UnsureOfAll<'a> {
    lives: &'a Lives,
    owner: &'a Owner,
    except: Option<&'a SessionId>,
    /// How often the store was asked; 0 again if all is known.
    tries: u32,
}

impl Drop for UnsureOfAll<'_> {
    fn drop(&mut self) {
        if self.tries == 0 {
            return;
        }
        for life in self.lives.perhaps_of(self.owner, self.except) {
            if !life.has_ended() {
                life.doubt();
            }
        }
    }
}

/// Counts, never the store.
impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("open", &self.lives.len())
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
