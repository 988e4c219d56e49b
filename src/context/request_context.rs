//! The context itself: one pointer to an immutable record.

use crate::context::ContextValue;
#[cfg(feature = "tower")]
use crate::context::Identity;
use crate::context::MissingIdentity;
use crate::context::Reach;
use crate::context::RequestContextBuilder;
use crate::context::RequestId;
use crate::context::SessionId;
use crate::context::UserId;
#[cfg(feature = "tower")]
use crate::context::liveness::Liveness;
#[cfg(feature = "tracing-layer")]
use crate::context::memo::Memo;
#[cfg(feature = "owner")]
use crate::context::session_life::SessionLife;
use crate::context::values::Values;
use std::fmt;
use std::panic::RefUnwindSafe;
use std::panic::UnwindSafe;
use std::sync::Arc;

/// For whom the code is working right now: request ID, session, user, and typed values.
///
/// Made once per request, [entered](Self::scope) around its future, and read at any depth with
/// [`RequestContext::current`]. A clone is another pointer to the same record.
///
/// ```
/// use request_context::RequestContext;
///
/// fn four_calls_deep() -> String {
///     let context = RequestContext::current();
///     format!("working for {}", context.user().map_or("nobody", |user| user.as_str()))
/// }
///
/// let context = RequestContext::builder().user("ada".parse()?).build();
/// assert_eq!(context.sync_scope(four_calls_deep), "working for ada");
/// # Ok::<_, request_context::InvalidId>(())
/// ```
///
/// `Debug` prints the IDs and the type names of the values, never the values.
#[derive(Clone)]
pub struct RequestContext {
    record: Arc<Record>,
}

/// What a context points to.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) request_id: RequestId,
    pub(super) parts: Parts,
}

/// All but the request ID, which alone has to be made.
#[derive(Clone, Default)]
pub(super) struct Parts {
    pub(super) session: Option<SessionId>,
    pub(super) user: Option<UserId>,
    /// Boxed, since few contexts are detached.
    pub(super) on_behalf_of: Option<Box<UserId>>,
    pub(super) values: Values,
    /// The IDs as the log shows them, per layer that does.
    #[cfg(feature = "tracing-layer")]
    pub(super) rendered: Memo,
    #[cfg(feature = "tower")]
    pub(super) liveness: Liveness,
}

impl Parts {
    /// Sets the session; the end of another one says nothing of it.
    #[inline]
    pub(super) fn set_session(&mut self, session: Option<SessionId>) {
        #[cfg(feature = "owner")]
        if self.session != session {
            self.values.remove::<SessionLife>();
        }
        self.session = session;
    }
}

/// A context that this does not keep.
#[cfg(feature = "testing")]
pub(crate) struct WeakContext {
    record: std::sync::Weak<Record>,
}

#[cfg(feature = "testing")]
impl WeakContext {
    /// Whether anybody has it still.
    pub(crate) fn is_alive(&self) -> bool {
        self.record.strong_count() > 0
    }

    /// The context, if anybody has it still.
    pub(crate) fn upgrade(&self) -> Option<RequestContext> {
        self.record.upgrade().map(|record| RequestContext { record })
    }
}

impl RequestContext {
    /// Makes an anonymous context: a fresh request ID and nothing else.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each call makes a different request")]
    pub fn new() -> Self {
        Self::from_record(Record { request_id: RequestId::new(), parts: Parts::default() })
    }

    /// Begins a context of given parts.
    pub fn builder() -> RequestContextBuilder {
        RequestContextBuilder::new()
    }

    /// Begins a derived context: everything of this one, the request ID too, unless replaced.
    ///
    /// The new context holds no reference to this one.
    pub fn to_builder(&self) -> RequestContextBuilder {
        RequestContextBuilder::derived(&self.record)
    }

    /// The ID of the request.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.record.request_id
    }

    /// The session, if the request has one.
    #[must_use]
    pub fn session(&self) -> Option<&SessionId> {
        self.record.parts.session.as_ref()
    }

    /// The user, if the request is authenticated.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        self.record.parts.user.as_ref()
    }

    /// The session, for code that cannot do without.
    ///
    /// # Errors
    /// [`MissingIdentity`] if the request has no session.
    pub fn require_session(&self) -> Result<&SessionId, MissingIdentity> {
        self.session().ok_or(MissingIdentity::session())
    }

    /// The user, for code that cannot do without.
    ///
    /// # Errors
    /// [`MissingIdentity`] if the request is anonymous.
    pub fn require_user(&self) -> Result<&UserId, MissingIdentity> {
        self.user().ok_or(MissingIdentity::user())
    }

    /// The value of type `T`, if the context holds one.
    #[must_use]
    pub fn get<T: ContextValue>(&self) -> Option<&T> {
        self.record.parts.values.get()
    }

    /// The user that this [detached](Self::detach) work came from. A name for the record, no
    /// authority: [`user`](Self::user) is `None` in detached work.
    #[must_use]
    pub fn on_behalf_of(&self) -> Option<&UserId> {
        self.record.parts.on_behalf_of.as_deref()
    }

    /// The context as child work gets it: without the values that stay in their scope.
    #[inline]
    pub(super) fn for_children(&self) -> Self {
        if self.record.parts.values.is_empty() {
            self.clone()
        } else {
            self.with_values_for_children()
        }
    }

    #[inline(never)]
    fn with_values_for_children(&self) -> Self {
        let values = &self.record.parts.values;
        if values.all_reach(Reach::Children) {
            return self.clone();
        }
        let values = values.reaching(Reach::Children);
        let Record { request_id, parts } = Record::clone(&self.record);
        Self::from_record(Record { request_id, parts: Parts { values, ..parts } })
    }

    #[cfg(feature = "tracing-layer")]
    pub(crate) fn rendered(&self) -> &Memo {
        &self.record.parts.rendered
    }

    /// The first context of a request, with the values that its layer gives to all.
    #[cfg(feature = "tower")]
    pub(crate) fn of_layer(request_id: RequestId, values: Values) -> Self {
        let liveness = Liveness::of_layer(values.clone());
        let parts = Parts { values, liveness, ..Parts::default() };
        Self::from_record(Record { request_id, parts })
    }

    /// Makes this a context with `identity`: in place, if nobody else has it yet.
    #[cfg(feature = "tower")]
    pub(crate) fn identify(&mut self, identity: Identity) {
        match Arc::get_mut(&mut self.record) {
            None => *self = self.to_builder().identity(identity).build(),
            Some(record) => {
                #[cfg(feature = "tracing-layer")]
                drop(std::mem::take(&mut record.parts.rendered));
                record.parts.identify(identity);
            }
        }
    }

    #[cfg(feature = "tower")]
    pub(crate) fn is_same_request(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.record, &other.record)
            || self.request_id() == other.request_id()
                && self.liveness().is_shared_with(other.liveness())
    }

    /// Whether both are the very same context.
    #[cfg(feature = "access")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.record, &other.record)
    }

    /// Without the layer a request is its ID.
    #[cfg(all(feature = "access", not(feature = "tower")))]
    pub(crate) fn is_same_request(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.record, &other.record) || self.request_id() == other.request_id()
    }

    #[cfg(feature = "tower")]
    pub(crate) fn liveness(&self) -> &Liveness {
        &self.record.parts.liveness
    }

    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    #[inline]
    pub(super) fn from_record(record: Record) -> Self {
        let context = Self { record: Arc::new(record) };
        #[cfg(feature = "testing")]
        crate::context::census::note(&context);
        context
    }

    #[cfg(feature = "testing")]
    pub(crate) fn downgrade(&self) -> WeakContext {
        WeakContext { record: Arc::downgrade(&self.record) }
    }
}

/// Nothing in a context changes, so a panic leaves nothing half done; what changes inside a value
/// does so behind a lock or an atomic of its own.
impl UnwindSafe for RequestContext {}
impl RefUnwindSafe for RequestContext {}

impl fmt::Debug for RequestContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RequestContext");
        debug.field("request.id", &self.request_id().as_str());
        if let Some(session) = self.session() {
            debug.field("session.id", &session.as_str());
        }
        if let Some(user) = self.user() {
            debug.field("user.id", &user.as_str());
        }
        if let Some(origin) = self.on_behalf_of() {
            debug.field("on_behalf_of", &origin.as_str());
        }
        debug.field("values", &self.record.parts.values).finish()
    }
}
