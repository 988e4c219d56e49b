//! `ObservedBody`: the body of an outgoing request, searched as it goes out.

use super::of_session::OfSession;
use crate::testing::canary::CanaryStream;
use bytes::Buf;
use bytes::Bytes;
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
    /// The body of a request that went through [`ObserveOutgoing`](super::ObserveOutgoing): searched
    /// as it goes out, across its frames too.
    pub struct ObservedBody<B> {
        #[pin]
        body: B,
        session: Option<OfSession>,
        stream: CanaryStream,
    }

    impl<B> PinnedDrop for ObservedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(session) = this.session.take() {
                session.finish("body", std::mem::take(this.stream));
            }
        }
    }
}

impl<B> ObservedBody<B> {
    pub(super) fn new(body: B, session: Option<OfSession>) -> Self {
        Self { body, session, stream: CanaryStream::new() }
    }
}

impl<B: Body> Body for ObservedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = match ready!(this.body.poll_frame(cx)) {
            Some(Ok(frame)) => frame.map_data(|mut data| data.copy_to_bytes(data.remaining())),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(None),
        };
        if let Some(session) = this.session {
            if let Some(data) = frame.data_ref() {
                session.feed("body", this.stream, data);
            }
            for (name, value) in frame.trailers_ref().into_iter().flatten() {
                session.look(name.as_str(), value.as_bytes());
            }
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: fmt::Debug> fmt::Debug for ObservedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObservedBody").field("body", &self.body).finish_non_exhaustive()
    }
}
