//! What a carrying adapter takes with it.

use super::carried::Carried;
use super::span::CarriedSpan;
use crate::context::NoContext;
use crate::context::RequestContext;
use crate::context::current;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

/// A context, and the span to be in with it.
#[derive(Clone, Debug)]
pub(crate) struct Capture {
    pub(crate) context: RequestContext,
    pub(crate) span: CarriedSpan,
}

impl Capture {
    /// The current context, as child work gets it, and the current span.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn current() -> Self {
        match current::get_for_children() {
            Some(context) => Self { context, span: CarriedSpan::current() },
            None => current::outside(),
        }
    }

    #[inline(always)]
    pub(crate) fn try_current() -> Result<Self, NoContext> {
        let context = current::get_for_children().ok_or(NoContext::new())?;
        Ok(Self { context, span: CarriedSpan::current() })
    }

    /// Exactly `context`, and no span.
    pub(crate) fn exactly(context: RequestContext) -> Self {
        Self { context, span: CarriedSpan::none() }
    }

    #[cfg(feature = "tower")]
    pub(crate) fn new(context: RequestContext, span: CarriedSpan) -> Self {
        Self { context, span }
    }

    /// `context`, which is detached already, and the span of detached work.
    #[cfg(feature = "spawn")]
    pub(crate) fn detached(context: RequestContext) -> Self {
        let span = CarriedSpan::detached(&context);
        Self { context, span }
    }

    /// Takes the span: nothing else is to run in it.
    #[cfg(feature = "tower")]
    pub(crate) fn take_span(&mut self) -> CarriedSpan {
        std::mem::replace(&mut self.span, CarriedSpan::none())
    }

    /// Runs `f` in a copy of this.
    pub(crate) fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        self.context.clone().sync_scope(|| self.span.in_scope(f))
    }

    /// Runs `f` in this.
    pub(super) fn enter_once<R>(self, f: impl FnOnce() -> R) -> R {
        let Self { context, span } = self;
        // The span is dropped in there too: its end is the subscriber's to see in the context.
        context.sync_scope(move || {
            let span = span;
            span.in_scope(f)
        })
    }

    /// Drops `value` in this; where the thread's local storage is gone, just drops it.
    ///
    /// A future that is never polled does both: tokio's wrapper drops what it holds in its scope
    /// where it can, and does not panic where it cannot, as `sync_scope` would.
    pub(crate) fn drop_in<T>(self, value: T) {
        drop(Carried::new(self, NeverPolled(value)));
    }
}

/// Held to be dropped.
struct NeverPolled<T>(T);

impl<T> Future for NeverPolled<T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}
