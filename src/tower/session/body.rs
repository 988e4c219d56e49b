//! [`SessionBody`]: the response body in the context of its session, or what the layer says itself.

use crate::scope::BodyInContext;
use crate::scope::Capture;
use bytes::Bytes;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

pin_project! {
    /// The body of a response, asked and dropped in the context that has the session.
    ///
    /// Frames, trailers, `size_hint` and `is_end_stream` are those of the inner body. `Default` is
    /// there because middleware asks for it.
    #[must_use = "bodies do nothing unless polled"]
    pub struct SessionBody<B> {
        // `None` for a response that the layer itself makes.
        #[pin]
        inner: Option<BodyInContext<B>>,
        // What is left to say of such a response.
        refusal: Bytes,
    }
}

impl<B> SessionBody<B> {
    pub(super) fn new(capture: Capture, body: B) -> Self {
        Self { inner: Some(BodyInContext::captured(capture, body)), refusal: Bytes::new() }
    }

    pub(super) fn refusal(refusal: Bytes) -> Self {
        Self { inner: None, refusal }
    }
}

impl<B: Default> Default for SessionBody<B> {
    fn default() -> Self {
        Self { inner: Some(BodyInContext::default()), refusal: Bytes::new() }
    }
}

impl<B: Body<Data: From<Bytes>>> Body for SessionBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        match this.inner.as_pin_mut() {
            Some(inner) => inner.poll_frame(cx),
            None if this.refusal.is_empty() => Poll::Ready(None),
            None => {
                let refusal = std::mem::take(this.refusal);
                Poll::Ready(Some(Ok(Frame::data(refusal.into()))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().map_or(self.refusal.is_empty(), Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Some(inner) => inner.size_hint(),
            None => SizeHint::with_exact(self.refusal.len() as u64),
        }
    }
}

impl<B: fmt::Debug> fmt::Debug for SessionBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBody").field("inner", &self.inner).finish_non_exhaustive()
    }
}
