//! [`RequestContextBody`]: the response body in its context, to its end.

use super::end_hook::EndReason;
use super::end_hook::Ending;
use super::end_hook::NoHook;
use super::end_hook::OnEnd;
use crate::scope::BodyInContext;
use crate::scope::Capture;
use bytes::Buf;
use http::StatusCode;
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
    /// Frames, trailers, `size_hint` and `is_end_stream` are those of the inner body. `Default` is
    /// there because middleware asks for it.
    #[must_use = "bodies do nothing unless polled"]
    pub struct RequestContextBody<B, H = NoHook>
    where
        H: OnEnd,
    {
        // `None` for a response that the layer itself makes.
        #[pin]
        inner: Option<BodyInContext<B>>,
        // Behind `inner`: the hook is told after the body was dropped.
        ending: Option<Ending<H>>,
        // How many bytes there are in all, if that is known.
        length: Option<u64>,
    }
}

impl<B: Body, H: OnEnd> RequestContextBody<B, H> {
    pub(super) fn new(
        capture: Capture,
        body: Option<B>,
        mut ending: Ending<H>,
        status: StatusCode,
        declared: Option<u64>,
        is_head: bool,
    ) -> Self {
        let inner = body.map(|body| BodyInContext::captured(capture, body));
        let known = inner.as_ref().map_or(Some(0), |body| body.size_hint().exact());
        let length = known.or(declared);
        // A server drops such a body without a look at it.
        let is_complete = is_head
            || has_no_body(status)
            || length == Some(0)
            || inner.as_ref().is_none_or(Body::is_end_stream);
        ending.responded(status, is_complete);
        Self { inner, ending: Some(ending), length }
    }
}

/// RFC 9110, section 6.4.1.
fn has_no_body(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

impl<B: Default, H: OnEnd> Default for RequestContextBody<B, H> {
    fn default() -> Self {
        Self { inner: Some(BodyInContext::default()), ending: None, length: None }
    }
}

impl<B: Body, H: OnEnd> Body for RequestContextBody<B, H> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(mut inner) = this.inner.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let frame = ready!(inner.as_mut().poll_frame(cx));
        let Some(ending) = this.ending else { return Poll::Ready(frame) };
        let reason = match &frame {
            None => Some(EndReason::Complete),
            Some(Err(_)) => Some(EndReason::BodyError),
            Some(Ok(frame)) => {
                ending.sent(frame.data_ref().map_or(0, Buf::remaining));
                // Either way the server may drop the body without asking for the `None`.
                if *this.length == Some(ending.body_bytes()) {
                    // The server may drop the body now; or ask for the trailers.
                    ending.has_all();
                }
                let is_last = frame.is_trailers() || inner.is_end_stream();
                is_last.then_some(EndReason::Complete)
            }
        };
        if let Some(reason) = reason {
            ending.end(reason);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B: fmt::Debug, H: OnEnd> fmt::Debug for RequestContextBody<B, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContextBody").field("inner", &self.inner).finish_non_exhaustive()
    }
}
