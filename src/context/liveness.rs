//! What all contexts of one request share: whether it goes on, who it turned out to be for, and what
//! the layer gives to everyone.

use crate::context::Identity;
use crate::context::RequestContext;
#[cfg(feature = "session")]
use crate::context::SessionId;
#[cfg(feature = "session")]
use crate::context::session_life::SessionLife;
use crate::context::values::Value;
use crate::context::values::Values;
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
}

#[derive(Default)]
struct Life {
    has_ended: AtomicBool,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Who signed in since the request began. No context, which would keep itself alive.
    signed_in: Option<Box<Identity>>,
    /// The values that the layers gave, which are nobody's in particular.
    shared_values: Values,
    told: Option<Arc<Told<dyn OnSignIn>>>,
}

/// Those who are told of a sign-in: a list, since a layer inside another one has a span of its own.
struct Told<N: ?Sized> {
    next: Option<Arc<Told<dyn OnSignIn>>>,
    on_sign_in: N,
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

    /// Gives one more value to all.
    pub(super) fn share(&self, value: Value) {
        // What it replaces is the user's to drop: not under the lock.
        let replaced = self.shared_values();
        self.known().shared_values.insert(value);
        drop(replaced);
    }

    pub(super) fn shared_values(&self) -> Values {
        self.if_known(|known| known.shared_values.clone()).unwrap_or_default()
    }

    /// Has `on_sign_in` told from now on.
    #[cfg(feature = "tracing")]
    pub(crate) fn tell(&self, on_sign_in: impl OnSignIn + 'static) {
        let mut known = self.known();
        let next = known.told.take();
        known.told = Some(Arc::new(Told { next, on_sign_in }));
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.load(Acquire)
            || self.life.get().is_some_and(|life| life.has_ended.load(Acquire))
    }

    /// Whether the two are of one request: an ID alone does not tell, a retry may have the same.
    pub(super) fn is_shared_with(&self, other: &Self) -> bool {
        matches!((self.life.get(), other.life.get()), (Some(a), Some(b)) if Arc::ptr_eq(a, b))
    }

    /// Says once for all contexts of the request that it is over.
    #[inline]
    pub(crate) fn end(&self) {
        self.has_ended.store(true, Release);
        // Either this sees the life that `life` has made, or that sees this end: see there.
        fence(SeqCst);
        if let Some(life) = self.life.get() {
            life.end();
        }
    }

    /// Notes who signed in, for the rest of the request, and tells who wants to know.
    pub(crate) fn sign_in(&self, context: &RequestContext) {
        let identity = Box::new(Identity::of(context));
        let before = self.known().signed_in.replace(identity);
        drop(before);
        self.announce(context);
    }

    /// Notes the session that was begun within the request and is that of `context`, unless the
    /// request is for somebody else by now, or in another session.
    #[cfg(feature = "session")]
    pub(crate) fn begin_session(&self, context: &RequestContext, session: &SessionId) {
        let user = context.user();
        let mut known = self.known();
        let latest = match known.signed_in.as_deref() {
            Some(now) if now.user.as_ref() != user || now.session.is_some() => return,
            Some(now) => now.clone(),
            None => Identity::beginning(user.cloned()),
        };
        let mut identity = latest.session(session.clone());
        if let Some(life) = context.get::<SessionLife>() {
            identity = identity.insert(life.clone());
        }
        let before = known.signed_in.replace(Box::new(identity));
        drop(known);
        drop(before);
        self.announce(context);
    }

    /// Tells who wants to know, without a lock held: a subscriber may ask for the context.
    pub(crate) fn announce(&self, context: &RequestContext) {
        let mut told = self.if_known(|known| known.told.clone()).flatten();
        while let Some(one) = told {
            one.on_sign_in.signed_in(context);
            told = one.next.clone();
        }
    }

    #[inline]
    pub(crate) fn signed_in(&self) -> Option<Identity> {
        self.if_known(|known| known.signed_in.as_deref().cloned()).flatten()
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
            life.has_ended.store(true, Release);
        }
        life
    }
}

impl Life {
    fn end(&self) {
        self.has_ended.store(true, Release);
        // Dropped after the lock is released: values are the user's, the span the subscriber's.
        let mut known = self.known();
        let over = (known.signed_in.take(), known.told.take());
        drop(known);
        drop(over);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clone is of the same request: both share what there is.
impl Clone for Liveness {
    fn clone(&self) -> Self {
        Self { life: OnceLock::from(Arc::clone(self.life())), has_ended: AtomicBool::new(false) }
    }
}
