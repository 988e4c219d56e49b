//! What all contexts of one request share: whether it goes on, who it turned out to be for, and what
//! the layer gives to everyone.

use crate::context::Identity;
use crate::context::RequestContext;
#[cfg(feature = "session")]
use crate::context::SessionId;
#[cfg(feature = "session")]
use crate::context::session_life::SessionLife;
use crate::context::values::Values;
use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Acquire;
use std::sync::atomic::Ordering::Release;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::fence;

/// One context has its own until there is something to share; then all have the same [`Life`].
///
/// Most requests end before, so what they need is in place: no memory is asked for, no lock taken.
#[derive(Default)]
pub(crate) struct Liveness {
    life: OnceLock<Arc<Life>>,
    /// Set while there was no life to set it in.
    has_ended: AtomicBool,
    /// Whether a layer began the request: of a context that was made by hand nobody says the end.
    is_of_layer: bool,
}

/// Of a layer that is inside another one it is the layer's own part of the request: who signs in
/// there is nobody else's user, only the outer one is to know.
#[derive(Default)]
struct Life {
    outer: Option<Arc<Self>>,
    has_ended: AtomicBool,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Who signed in since this began. No context, which would keep itself alive.
    signed_in: Option<Box<Identity>>,
    /// How often that changed.
    sign_ins: u64,
    /// The values that the layers gave, which are nobody's in particular.
    shared_values: Values,
    told: Option<Arc<dyn OnSignIn>>,
    /// Whether nothing is kept any more: nobody would clear it away.
    is_over: bool,
}

impl Known {
    /// Returns who was signed in before, to be dropped without the lock.
    fn signs_in(&mut self, identity: Option<Box<Identity>>) -> Option<Box<Identity>> {
        self.sign_ins += 1;
        mem::replace(&mut self.signed_in, identity)
    }
}

/// Told of the context that is current from a sign-in on, until the request ends.
pub(crate) trait OnSignIn: Send + Sync {
    fn signed_in(&self, context: &RequestContext);
}

impl Liveness {
    /// Of a request of which every context has these values, whoever signs in.
    #[inline]
    pub(super) fn sharing(values: Values) -> Self {
        let liveness = Self::default();
        if !values.is_empty() {
            liveness.known().shared_values = values;
        }
        liveness
    }

    /// Of a request that a layer begins.
    #[inline]
    pub(super) fn of_layer(values: Values) -> Self {
        Self { is_of_layer: true, ..Self::sharing(values) }
    }

    /// Of a part of this request, which has these values too.
    pub(super) fn part(&self, values: &Values) -> Self {
        let mut known = Known { shared_values: self.shared_values(), ..Known::default() };
        for value in values.as_slice() {
            known.shared_values.insert(value.clone());
        }
        let outer = Some(Arc::clone(self.life()));
        let life = Life { outer, known: Mutex::new(known), ..Life::default() };
        self.with(Arc::new(life))
    }

    fn with(&self, life: Arc<Life>) -> Self {
        let is_of_layer = self.is_of_layer;
        Self { life: OnceLock::from(life), has_ended: AtomicBool::new(false), is_of_layer }
    }

    /// Whether a layer says when the request ends, and has not done so yet.
    pub(crate) fn is_in_layer(&self) -> bool {
        self.is_of_layer && !self.has_ended()
    }

    pub(super) fn shared_values(&self) -> Values {
        self.if_known(|known| known.shared_values.clone()).unwrap_or_default()
    }

    /// Has `on_sign_in` told from now on.
    #[cfg(feature = "tracing")]
    pub(crate) fn tell(&self, on_sign_in: impl OnSignIn + 'static) {
        let told: Arc<dyn OnSignIn> = Arc::new(on_sign_in);
        let mut known = self.known();
        let before = if known.is_over { Some(told) } else { known.told.replace(told) };
        drop(known);
        drop(before);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.load(Acquire) || self.life.get().is_some_and(|life| life.has_ended())
    }

    /// Whether the two are of one request: an ID alone does not tell, a retry may have the same.
    pub(super) fn is_shared_with(&self, other: &Self) -> bool {
        let lives = (self.life.get(), other.life.get());
        matches!(lives, (Some(a), Some(b)) if Arc::ptr_eq(Life::outermost(a), Life::outermost(b)))
    }

    /// Says once for all contexts of the request that it is over; or that a part of it is, with
    /// which the request does not end.
    #[inline]
    pub(crate) fn end(&self) {
        if let Some(life) = self.life.get()
            && life.outer.is_some()
        {
            return life.forget();
        }
        self.has_ended.store(true, Release);
        // Either this sees the life that `life` has made, or that sees this end: see there.
        fence(SeqCst);
        if let Some(life) = self.life.get() {
            life.end();
        }
    }

    /// Notes who signed in, for the rest of the request, and tells who wants to know.
    pub(crate) fn sign_in(&self, context: &RequestContext) {
        self.life().sign_in(context);
    }

    /// Notes the session that was begun within the request and is that of `context`, unless the
    /// request is for somebody else by now, or in another session.
    #[cfg(feature = "session")]
    pub(crate) fn begin_session(&self, context: &RequestContext, session: &SessionId) {
        self.life().begin_session(context, session);
    }

    /// Whether there may be anyone to tell.
    pub(crate) fn is_shared(&self) -> bool {
        self.life.get().is_some()
    }

    /// Tells who wants to know whom a layer found. Its own context says so from then on; to the
    /// layers further out it is as if a handler had signed the user in.
    pub(crate) fn identified(&self, context: &RequestContext) {
        let Some(life) = self.life.get() else { return };
        life.announce(context);
        if let Some(outer) = &life.outer {
            outer.sign_in(context);
        }
    }

    /// Who signed in, if that has changed since so many times; and how often it has by now.
    #[inline]
    pub(crate) fn signed_in(&self, since: u64) -> Option<(Identity, u64)> {
        self.if_known(|known| {
            let identity = known.signed_in.as_deref()?;
            (known.sign_ins > since).then(|| (identity.clone(), known.sign_ins))
        })
        .flatten()
    }

    #[inline]
    fn if_known<R>(&self, read: impl FnOnce(&Known) -> R) -> Option<R> {
        self.life.get().map(|life| read(&life.known()))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.life().known()
    }

    fn life(&self) -> &Arc<Life> {
        let life = self.life.get_or_init(Arc::default);
        fence(SeqCst);
        if self.has_ended.load(Acquire) {
            life.end();
        }
        life
    }
}

impl Life {
    fn outermost(mut this: &Arc<Self>) -> &Arc<Self> {
        while let Some(outer) = &this.outer {
            this = outer;
        }
        this
    }

    fn has_ended(&self) -> bool {
        self.has_ended.load(Acquire) || self.outer.as_deref().is_some_and(Self::has_ended)
    }

    fn end(&self) {
        self.has_ended.store(true, Release);
        self.forget();
    }

    /// Keeps nothing any more.
    fn forget(&self) {
        // Dropped after the lock is released: values are the user's, the span the subscriber's.
        let mut known = self.known();
        known.is_over = true;
        let over = (known.signed_in.take(), known.told.take());
        drop(known);
        drop(over);
    }

    fn sign_in(&self, context: &RequestContext) {
        let identity = Some(Box::new(Identity::of(context)));
        let mut known = self.known();
        let before = if known.is_over { identity } else { known.signs_in(identity) };
        drop(known);
        drop(before);
        self.announce(context);
        if let Some(outer) = &self.outer {
            outer.sign_in(context);
        }
    }

    #[cfg(feature = "session")]
    fn begin_session(&self, context: &RequestContext, session: &SessionId) {
        let user = context.user();
        let mut known = self.known();
        let latest = match known.signed_in.as_deref() {
            _ if known.is_over => return,
            Some(now) if now.user.as_ref() != user || now.session.is_some() => return,
            Some(now) => now.clone(),
            None => Identity::beginning(user.cloned()),
        };
        let mut identity = latest.session(session.clone());
        if let Some(life) = context.get::<SessionLife>() {
            identity = identity.insert(life.clone());
        }
        let before = known.signs_in(Some(Box::new(identity)));
        drop(known);
        drop(before);
        self.announce(context);
        if let Some(outer) = &self.outer {
            outer.begin_session(context, session);
        }
    }

    /// Without a lock held: a subscriber may ask for the context.
    fn announce(&self, context: &RequestContext) {
        let told = self.known().told.clone();
        if let Some(told) = told {
            told.signed_in(context);
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clone is of the same request: both share what there is.
impl Clone for Liveness {
    fn clone(&self) -> Self {
        self.with(Arc::clone(self.life()))
    }
}
