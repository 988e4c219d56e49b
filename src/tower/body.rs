//! [`RequestContextBody`]: the response body in its context, to its end.

use super::end_hook::EndReason;
use super::end_hook::Ending;
use super::end_hook::NoHook;
use super::end_hook::OnEnd;
use super::end_hook::declared_length;
use crate::scope::Capture;
use crate::scope::Emptied;
use bytes::Buf;
use http::Response;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

pin_project! {
    /// The body of a response, made, asked and dropped in the context of its request.
    ///
    /// Frames, trailers, `size_hint` and `is_end_stream` are those of the inner body. The data of a
    /// frame leaves the context with it: the server drops it where it likes. `Default` is there because
    /// middleware asks for it.
    #[must_use = "bodies do nothing unless polled"]
    pub struct RequestContextBody<B, H = NoHook>
    where
        H: OnEnd,
    {
        // `None` for a response that the layer itself makes.
        #[pin]
        inner: Option<B>,
        // `None` in a body that was made by `Default` outside every scope.
        ending: Option<Ending<H>>,
    }

    impl<B, H> PinnedDrop for RequestContextBody<B, H>
    where
        H: OnEnd,
    {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(ending) = this.ending {
                ending.drop_in(Emptied(this.inner));
            }
        }
    }
}

impl<B: Body, H: OnEnd> RequestContextBody<B, H> {
    pub(super) fn new(inner: Option<B>, ending: Ending<H>) -> Self {
        Self { inner, ending: Some(ending) }
    }

    fn ask<R>(&self, inner: &B, ask: impl FnOnce(&B) -> R) -> R {
        match &self.ending {
            Some(ending) => ending.enter(|| ask(inner)),
            None => ask(inner),
        }
    }

    /// Notes for the hook what the response and its body say. That is asked of the body in its
    /// place here, where it is dropped in the context also if it panics.
    #[inline]
    pub(super) fn note(response: &mut Response<Self>) {
        if !H::IS_TOLD {
            return;
        }
        let body = response.body();
        let (length, is_at_end) = body.inner.as_ref().map_or((Some(0), true), |inner| {
            body.ask(inner, |inner| match inner.size_hint().exact() {
                Some(length) => (Some(length), false),
                None => (None, inner.is_end_stream()),
            })
        });
        // Of a body that says nothing of its length, the head may.
        let length = length.or_else(|| declared_length(response.headers()));
        let status = response.status();
        if let Some(ending) = &mut response.body_mut().ending {
            ending.responded(status, length, is_at_end);
        }
    }
}

impl<B: Default, H: OnEnd> Default for RequestContextBody<B, H> {
    fn default() -> Self {
        let capture = Capture::try_current().ok();
        Self { inner: Some(B::default()), ending: capture.map(Ending::over) }
    }
}

impl<B: Body, H: OnEnd> Body for RequestContextBody<B, H> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let Some(mut inner) = this.inner.as_pin_mut() else { return Poll::Ready(None) };
        let Some(ending) = this.ending else { return inner.poll_frame(cx) };
        let (frame, is_at_end) = ready!(ending.enter(|| {
            let frame = ready!(inner.as_mut().poll_frame(cx));
            let is_at_end = matches!(frame, Some(Ok(_))) && inner.is_end_stream();
            Poll::Ready((frame, is_at_end))
        }));
        match &frame {
            None => ending.end(EndReason::Complete),
            Some(Err(_)) => ending.end(EndReason::BodyError),
            Some(Ok(frame)) => {
                ending.sent(frame.data_ref().map_or(0, Buf::remaining));
                // Either way the server may drop the body without asking for the `None`.
                if is_at_end || frame.is_trailers() {
                    ending.end(EndReason::Complete);
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(|inner| self.ask(inner, B::is_end_stream))
    }

    fn size_hint(&self) -> SizeHint {
        let of_none = || SizeHint::with_exact(0);
        self.inner.as_ref().map_or_else(of_none, |inner| self.ask(inner, B::size_hint))
    }
}

impl<B: fmt::Debug, H: OnEnd> fmt::Debug for RequestContextBody<B, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContextBody").field("inner", &self.inner).finish_non_exhaustive()
    }
}
