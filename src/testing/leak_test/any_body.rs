//! `AnyBody`: a response body, whatever its type.

use super::subject::BoxError;
use bytes::Buf;
use bytes::Bytes;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

/// A response body, whatever its type.
pub(super) struct AnyBody {
    body: Pin<Box<dyn PollFrame>>,
}

impl AnyBody {
    pub(super) fn new<B>(body: B) -> Self
    where
        B: Body + 'static,
        B::Error: Into<BoxError>,
    {
        Self { body: Box::pin(body) }
    }

    pub(super) fn is_end(&self) -> bool {
        self.body.is_at_end()
    }

    /// Whether it says how long it is, so that it has an end.
    pub(super) fn has_length(&self) -> bool {
        self.body.any_size_hint().upper().is_some()
    }

    pub(super) async fn frame(&mut self) -> Option<Result<Frame<Bytes>, BoxError>> {
        poll_fn(|cx| self.body.as_mut().poll_any_frame(cx)).await
    }
}

impl Body for AnyBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.body.as_mut().poll_any_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.is_end()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.any_size_hint()
    }
}

trait PollFrame {
    fn is_at_end(&self) -> bool;

    fn any_size_hint(&self) -> SizeHint;

    fn poll_any_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>>;
}

impl<B> PollFrame for B
where
    B: Body,
    B::Error: Into<BoxError>,
{
    fn is_at_end(&self) -> bool {
        self.is_end_stream()
    }

    fn any_size_hint(&self) -> SizeHint {
        self.size_hint()
    }

    fn poll_any_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let to_bytes =
            |frame: Frame<B::Data>| frame.map_data(|mut data| data.copy_to_bytes(data.remaining()));
        let polled = self.poll_frame(cx);
        polled.map(|frame| frame.map(|frame| frame.map(to_bytes).map_err(Into::into)))
    }
}
