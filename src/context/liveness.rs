//! What all contexts of one request share: whether it goes on, and who it turned out to be for.

use crate::context::Identity;
use crate::context::RequestContext;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// Owned by one context until another is derived from it; then both point to the same.
pub(crate) struct Liveness(Mutex<State>);

enum State {
    Own(Life),
    Shared(Arc<Shared<dyn OnSignIn>>),
}

#[derive(Default)]
struct Life {
    has_ended: bool,
    /// Who signed in since the request began. No context, which would keep itself alive.
    signed_in: Option<Box<Identity>>,
}

struct Shared<N: ?Sized> {
    life: Mutex<Life>,
    on_sign_in: N,
}

/// Told of the context that is current from a sign-in on.
pub(crate) trait OnSignIn: Send + Sync {
    fn signed_in(&self, context: &RequestContext);

    /// Nobody will sign in any more.
    fn ended(&self);
}

impl OnSignIn for () {
    fn signed_in(&self, _: &RequestContext) {}

    fn ended(&self) {}
}

impl Liveness {
    /// Has `on_sign_in` told from now on; no context may have been derived yet.
    #[cfg(feature = "tracing")]
    pub(crate) fn tell(&self, on_sign_in: impl OnSignIn + 'static) {
        *self.state() = State::Shared(shared(Life::default(), on_sign_in));
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.with(|life| life.has_ended)
    }

    /// Whether the two are of one request: an ID alone does not tell, a retry may have the same.
    pub(super) fn is_shared_with(&self, other: &Self) -> bool {
        matches!((self.shared(), other.shared()), (Some(a), Some(b)) if Arc::ptr_eq(&a, &b))
    }

    /// Says once for all contexts of the request that it is over.
    pub(crate) fn end(&self) {
        // What was signed in is dropped after the lock is released: its values are the user's.
        drop(self.with(|life| {
            life.has_ended = true;
            life.signed_in.take()
        }));
        if let Some(shared) = self.shared() {
            shared.on_sign_in.ended();
        }
    }

    /// Notes who signed in, for the rest of the request, and tells who wants to know.
    pub(crate) fn sign_in(&self, context: &RequestContext) {
        let identity = Identity::of(context).map(Box::new);
        drop(self.with(|life| std::mem::replace(&mut life.signed_in, identity)));
        self.announce(context);
    }

    /// Tells who wants to know, without a lock held: a subscriber may ask for the context.
    pub(crate) fn announce(&self, context: &RequestContext) {
        if let Some(shared) = self.shared() {
            shared.on_sign_in.signed_in(context);
        }
    }

    fn shared(&self) -> Option<Arc<Shared<dyn OnSignIn>>> {
        match &*self.state() {
            State::Shared(shared) => Some(Arc::clone(shared)),
            State::Own(_) => None,
        }
    }

    pub(crate) fn signed_in(&self) -> Option<Identity> {
        self.with(|life| life.signed_in.as_deref().cloned())
    }

    fn with<R>(&self, f: impl FnOnce(&mut Life) -> R) -> R {
        match &mut *self.state() {
            State::Own(life) => f(life),
            State::Shared(shared) => f(&mut lock(&shared.life)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

impl Default for Liveness {
    fn default() -> Self {
        Self(Mutex::new(State::Own(Life::default())))
    }
}

/// The clone is of the same request: it shares what there is.
impl Clone for Liveness {
    fn clone(&self) -> Self {
        let mut state = self.state();
        let shared = match &mut *state {
            State::Shared(shared) => Arc::clone(shared),
            State::Own(life) => {
                let shared = shared(std::mem::take(life), ());
                *state = State::Shared(Arc::clone(&shared));
                shared
            }
        };
        Self(Mutex::new(State::Shared(shared)))
    }
}

fn shared(life: Life, on_sign_in: impl OnSignIn + 'static) -> Arc<Shared<dyn OnSignIn>> {
    Arc::new(Shared { life: Mutex::new(life), on_sign_in })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
