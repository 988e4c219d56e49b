//! The session of the current request.

use super::lives::Attached;
use super::opened::Opened;
use super::outbox::Outbox;
use super::record::Version;
use super::session_error::SessionError;
use super::sessions::Sessions;
use super::token::SessionToken;
use super::write_id::WriteId;
use crate::context::ContextValue;
use crate::context::RequestContext;
use crate::context::SessionId;
use crate::context::TenantId;
use crate::owner::Owner;
use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// A handle to the session of one request: [`Session::current`]. A clone is the same handle.
///
/// It may be used in the request's context only, and in whatever that is carried to: tasks, streams,
/// WebSockets, at any time, not only until the response. Every write is in the store when it
/// returns. A request without a session has a handle too: the first write makes the session.
///
/// When the session ends, here or elsewhere, each use fails as
/// [revoked](SessionError::is_revoked), reads of what was read before included.
///
/// `Debug` shows the ID and the version.
#[derive(Clone)]
pub struct Session {
    pub(super) inner: Arc<Handle>,
}

impl ContextValue for Session {}

pub(super) struct Handle {
    pub(super) sessions: Sessions,
    /// Who the context is for that the handle was put into.
    pub(super) home: Owner,
    pub(super) outbox: Outbox,
    pub(super) opened: OnceLock<Opened>,
    /// One at a time makes a session, or another one in its place.
    pub(super) making: tokio::sync::Mutex<Option<Pending>>,
    /// Another handle, or none, has taken the place of this one.
    pub(super) is_replaced: AtomicBool,
}

/// A session that may have been made already: it is made under this token or not at all, so that who
/// tries again makes no second one.
pub(super) struct Pending {
    pub(super) token: SessionToken,
    pub(super) owner: Owner,
    pub(super) write: WriteId,
    pub(super) attached: Attached,
    /// Whether the store may have been asked, and has not said what came of it.
    pub(super) is_in_doubt: bool,
}

impl Session {
    /// The handle of the current request.
    ///
    /// # Panics
    /// Outside a scope, and in a context without the session layer, at the caller's line.
    #[must_use]
    #[track_caller]
    pub fn current() -> Self {
        match RequestContext::with(Self::of) {
            Some(session) => session,
            None => panic!("{}", SessionError::NO_LAYER),
        }
    }

    /// The handle of the current request.
    ///
    /// # Errors
    /// [No context](SessionError::is_no_context) outside a scope, [no
    /// layer](SessionError::is_no_layer) in a context without the session layer.
    pub fn try_current() -> Result<Self, SessionError> {
        RequestContext::try_with(Self::of)?.ok_or(SessionError::NO_LAYER)
    }

    fn of(context: &RequestContext) -> Option<Self> {
        context.get::<Self>().cloned()
    }

    /// The session, unless there is none yet. One that was begun in this request is not in the context
    /// that the handler runs in, but in [`context`](Self::context).
    #[must_use]
    pub fn id(&self) -> Option<SessionId> {
        self.inner.opened.get().map(|opened| opened.id.clone())
    }

    /// Who the session belongs to, or will.
    #[must_use]
    pub fn owner(&self) -> Owner {
        self.inner.home.clone().without_session()
    }

    /// The current context with the session, also with one that was begun since the request came: in
    /// it [`PerSession`](crate::owner::PerSession) and [`Owner`] know the session.
    ///
    /// A context does not change, so the code that runs while its first write begins a session keeps
    /// the one it has, without that. The response body, the request's span and the hook at its end
    /// have the session from then on. Without a session yet this is the current context.
    ///
    /// # Errors
    /// If the session was rotated or logged out by this handle, or the handle is used outside of the
    /// context that it is from.
    ///
    /// ```
    /// use request_context::owner::PerSession;
    /// use request_context::session::{Session, SessionError, SessionValue};
    /// # #[derive(Default, serde::Serialize, serde::Deserialize)]
    /// # struct Visits(u32);
    /// # impl SessionValue for Visits { const KEY: &'static str = "visits"; }
    ///
    /// static SEARCHES: PerSession<Vec<String>> = PerSession::new();
    ///
    /// async fn search(words: String) -> Result<(), SessionError> {
    ///     let session = Session::current();
    ///     session.update(|visits: &mut Visits| visits.0 += 1).await?; // there is a session now
    ///     session.context()?.sync_scope(|| SEARCHES.with(|searches| searches.push(words)));
    ///     Ok(())
    /// }
    /// ```
    pub fn context(&self) -> Result<RequestContext, SessionError> {
        let context = RequestContext::try_current()?;
        Ok(match self.inner.get()? {
            Some(opened) if context.session().is_none() => with_session(&context, opened),
            _ => context,
        })
    }

    pub(super) fn none_yet(sessions: Sessions, home: Owner, outbox: Outbox) -> Self {
        Self::new(sessions, home, outbox, OnceLock::new())
    }

    pub(super) fn opened(sessions: Sessions, opened: Opened, outbox: Outbox) -> Self {
        let home = opened.owner.clone().with_session(opened.id.clone());
        Self::new(sessions, home, outbox, OnceLock::from(opened))
    }

    fn new(sessions: Sessions, home: Owner, outbox: Outbox, opened: OnceLock<Opened>) -> Self {
        let making = tokio::sync::Mutex::default();
        let is_replaced = AtomicBool::new(false);
        let inner = Handle { sessions, home, outbox, opened, making, is_replaced };
        Self { inner: Arc::new(inner) }
    }

    /// The context for the rest of the request, in which this handle is the current one.
    pub(super) fn enter(self, context: &RequestContext) -> RequestContext {
        let Handle { sessions, home, opened, .. } = &*self.inner;
        let (sessions, home) = (sessions.clone(), home.clone());
        let life = opened.get().map(|opened| opened.life().clone());
        #[cfg(feature = "tower")]
        if let (Some(id), Some(life)) = (home.session_id(), &life) {
            use crate::context::Identity;
            let identity = home.user_id().cloned().map_or_else(Identity::of_nobody, Identity::new);
            let mut identity =
                identity.session(id.clone()).insert(sessions).insert(life.clone()).insert(self);
            if let Some(tenant) = home.tenant_id() {
                identity = identity.insert(tenant.clone());
            }
            return context.sign_in(identity);
        }
        // Of what another user had, or the same name in another tenant, nothing is taken along.
        let tenant = context.get::<TenantId>();
        let is_other = context.user().is_some()
            && (context.user(), tenant) != (home.user_id(), home.tenant_id())
            || tenant.is_some() && tenant != home.tenant_id();
        let mut builder = if is_other {
            RequestContext::builder().request_id(context.request_id().clone())
        } else {
            context.to_builder()
        };
        if let Some(user) = home.user_id() {
            builder = builder.user(user.clone());
        }
        if let Some(tenant) = home.tenant_id() {
            builder = builder.insert(tenant.clone());
        }
        if let Some(id) = home.session_id() {
            builder = builder.session(id.clone());
        }
        if let Some(life) = life {
            builder = builder.insert(life);
        }
        builder.insert(sessions).insert(self).build()
    }
}

/// The context of a request whose handle has begun a session since.
fn with_session(context: &RequestContext, opened: &Opened) -> RequestContext {
    context.to_builder().session(opened.id.clone()).insert(opened.life().clone()).build()
}

impl Handle {
    /// Whether the current context is for whom the one was that the handle was put into; if that was
    /// without a session, also one with the session that the handle has begun.
    pub(super) fn check_home(&self) -> Result<(), SessionError> {
        let home = &self.home;
        let begun = || self.opened.get().map(|opened| &opened.id);
        let is_home = RequestContext::try_with(|context| {
            context.user() == home.user_id()
                && (context.session() == home.session_id()
                    || home.session_id().is_none() && context.session() == begun())
                && context.get::<TenantId>() == home.tenant_id()
        })?;
        if is_home { Ok(()) } else { Err(SessionError::FOREIGN) }
    }

    /// The session, if there is one.
    pub(super) fn get(&self) -> Result<Option<&Opened>, SessionError> {
        self.check_home()?;
        if self.is_replaced.load(Ordering::Acquire) {
            return Err(SessionError::REVOKED);
        }
        Ok(self.opened.get())
    }

    /// The session, which is made if there is none: once, however many ask at once.
    pub(super) async fn get_or_make(&self) -> Result<&Opened, SessionError> {
        if let Some(opened) = self.get()? {
            return Ok(opened);
        }
        let mut making = self.making.lock().await;
        if let Some(opened) = self.get()? {
            return Ok(opened);
        }
        let opened = self.make(&mut making, self.home.clone(), None).await?;
        let opened = self.opened.get_or_init(|| opened);
        drop(making);
        #[cfg(feature = "tower")]
        if let Ok(context) = RequestContext::try_current() {
            context.liveness().begin_session(&with_session(&context, opened), &opened.id);
        }
        Ok(opened)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let opened = self.inner.opened.get();
        f.debug_struct("Session")
            .field("id", &opened.map(|opened| opened.id.as_str()))
            .field("version", &opened.and_then(Opened::version).map(Version::get))
            .finish()
    }
}
