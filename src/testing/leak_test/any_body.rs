//! `AnyBody`: a response body, whatever its type.

use super::subject::BoxError;
use bytes::Buf;
use bytes::Bytes;
use http_body::Body;
use http_body::Frame;
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
        self.body.is_bounded()
    }

    pub(super) async fn frame(&mut self) -> Option<Result<Frame<Bytes>, BoxError>> {
        poll_fn(|cx| self.body.as_mut().poll_any_frame(cx)).await
    }
}

trait PollFrame {
    fn is_at_end(&self) -> bool;

    fn is_bounded(&self) -> bool;

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

    fn is_bounded(&self) -> bool {
        self.size_hint().upper().is_some()
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
