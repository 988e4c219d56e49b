//! A value that is used and dropped in a context: what streams, bodies and closures are made of.

use super::capture::Capture;
use crate::context::RequestContext;
use pin_project_lite::pin_project;
use std::pin::Pin;

pin_project! {
    /// `inner` is `Some` until it is taken out or dropped; `capture` is `None` in a body that was
    /// made by `Default` outside every scope.
    #[derive(Debug)]
    pub(super) struct Held<T> {
        capture: Option<Capture>,
        #[pin]
        inner: Option<T>,
    }

    impl<T> PinnedDrop for Held<T> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(capture) = this.capture.take() {
                capture.drop_in(Emptied(this.inner));
            }
        }
    }
}

/// Drops what the slot holds when it is itself dropped, since a pinned value cannot be moved.
pub(crate) struct Emptied<'a, T>(pub(crate) Pin<&'a mut Option<T>>);

impl<T> Drop for Emptied<'_, T> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

const TAKEN: &str = "the inner value is there until the adapter is consumed";

#[expect(clippy::expect_used, reason = "only a method that consumes the adapter takes the value")]
impl<T> Held<T> {
    pub(super) fn new(capture: Option<Capture>, inner: T) -> Self {
        Self { capture, inner: Some(inner) }
    }

    pub(super) fn context(&self) -> Option<&RequestContext> {
        self.capture.as_ref().map(|capture| &capture.context)
    }

    pub(super) fn get_ref(&self) -> &T {
        self.inner.as_ref().expect(TAKEN)
    }

    pub(super) fn get_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect(TAKEN)
    }

    pub(super) fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().inner.as_pin_mut().expect(TAKEN)
    }

    pub(super) fn into_inner(mut self) -> T {
        self.inner.take().expect(TAKEN)
    }

    /// Runs `f` with the value in its context.
    pub(super) fn enter<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        let inner = self.get_ref();
        enter(self.capture.as_ref(), || f(inner))
    }

    /// As [`enter`](Self::enter), for a value that `f` changes.
    pub(super) fn enter_mut<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R {
        let inner = self.inner.as_mut().expect(TAKEN);
        enter(self.capture.as_ref(), || f(inner))
    }

    /// As [`enter`](Self::enter), for a pinned value.
    pub(super) fn enter_pin<R>(self: Pin<&mut Self>, f: impl FnOnce(Pin<&mut T>) -> R) -> R {
        let this = self.project();
        let inner = this.inner.as_pin_mut().expect(TAKEN);
        enter(this.capture.as_ref(), || f(inner))
    }

    /// As [`enter`](Self::enter), for a value that `f` consumes.
    pub(super) fn enter_once<R>(mut self, f: impl FnOnce(T) -> R) -> R {
        let inner = self.inner.take().expect(TAKEN);
        match self.capture.take() {
            Some(capture) => capture.enter_once(|| f(inner)),
            None => f(inner),
        }
    }
}

fn enter<R>(capture: Option<&Capture>, f: impl FnOnce() -> R) -> R {
    match capture {
        Some(capture) => capture.enter(f),
        None => f(),
    }
}
