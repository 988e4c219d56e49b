//! A body is asked, polled and dropped in its context, and its length and end stay exact.

use crate::support::Log;
use crate::support::context;
use crate::support::finish;
use crate::support::here;
use crate::support::panics_as_planted;
use crate::support::planted_panic;
use bytes::Bytes;
use futures::stream;
use http_body_util::BodyExt;
use http_body_util::Empty;
use http_body_util::Full;
use http_body_util::StreamBody;
use hyper::HeaderMap;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::SizeHint;
use request_context::BodyInContext;
use request_context::ContextBodyExt;
use request_context::RequestContext;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use tokio_test::assert_pending;
use tokio_test::assert_ready;
use tokio_test::task;

/// A body of known length with trailers, pending before each frame, that writes what is done to it.
#[derive(Debug, Default)]
struct Parts {
    log: Log,
    data: VecDeque<&'static str>,
    trailers: Option<HeaderMap>,
    slept: bool,
}

impl Parts {
    fn new(log: &Log) -> Self {
        let mut trailers = HeaderMap::new();
        trailers.insert("digest", "abc".parse().unwrap());
        let data = VecDeque::from(["hello ", "world"]);
        Self { log: log.clone(), data, trailers: Some(trailers), slept: false }
    }
}

impl Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.log.note("poll_frame");
        self.slept = !self.slept;
        if self.slept {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let frame = match self.data.pop_front() {
            Some(data) => Some(Frame::data(Bytes::from(data))),
            None => self.trailers.take().map(Frame::trailers),
        };
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.log.note("is_end_stream");
        self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.log.note("size_hint");
        SizeHint::with_exact(self.data.iter().map(|data| data.len() as u64).sum())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.log.note("drop");
    }
}

#[test]
fn every_call_reaches_the_body_in_its_context() {
    let log = Log::default();
    let mut body = task::spawn(Parts::new(&log).in_context(context("a")));
    context("b").sync_scope(|| {
        assert_eq!(body.size_hint().exact(), Some(11));
        assert!(!body.is_end_stream());
        assert_pending!(body.enter(|cx, body| body.poll_frame(cx).map(drop)));
        let frame = assert_ready!(body.enter(|cx, body| body.poll_frame(cx)));
        assert_eq!(frame.unwrap().unwrap().into_data().unwrap(), "hello ");
        assert_eq!(body.size_hint().exact(), Some(5));
        drop(body);
        assert_eq!(here(), "b");
    });
    let expected = [
        "size_hint in a",
        "is_end_stream in a",
        "poll_frame in a",
        "poll_frame in a",
        "size_hint in a",
        "drop in a",
    ];
    assert_eq!(log.take(), expected);
    assert_eq!(here(), "nowhere");
}

#[test]
fn all_frames_and_the_trailers_come_through_and_are_made_in_the_context() {
    let log = Log::default();
    let mut body = context("a").sync_scope(|| Parts::new(&log).in_current_context());
    finish(context("b").scope(async {
        let mut text = Vec::new();
        let mut trailers = None;
        while let Some(frame) = body.frame().await {
            match frame.unwrap().into_data() {
                Ok(data) => text.extend_from_slice(&data),
                Err(frame) => trailers = frame.into_trailers().ok(),
            }
        }
        assert_eq!(text, b"hello world");
        assert_eq!(trailers.unwrap()["digest"], "abc");
        assert!(body.is_end_stream());
        drop(body);
    }));
    let log = log.take();
    assert!(log.iter().all(|line| line.ends_with(" in a")), "{log:?}");
    assert_eq!(log.last().unwrap(), "drop in a");
}

#[test]
fn a_known_length_stays_known_and_an_end_stays_an_end() {
    let full = Full::new(Bytes::from_static(b"hello")).in_context(context("a"));
    assert_eq!(full.size_hint().exact(), Some(5));
    assert!(!full.is_end_stream());
    let empty = Empty::<Bytes>::new().in_context(context("a"));
    assert_eq!(empty.size_hint().exact(), Some(0));
    assert!(empty.is_end_stream());
    let frames = stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"hello")))]);
    let unknown = StreamBody::new(frames).in_context(context("a"));
    assert_eq!(unknown.size_hint().exact(), None);
    assert!(!unknown.is_end_stream());
}

#[test]
fn a_full_body_has_ended_after_its_one_frame() {
    let mut full = Full::new(Bytes::from_static(b"hello")).in_context(context("a"));
    assert_eq!(finish(full.frame()).unwrap().unwrap().into_data().unwrap(), "hello");
    assert!(full.is_end_stream());
    assert_eq!(full.size_hint().exact(), Some(0));
    assert!(finish(full.frame()).is_none());
}

#[test]
fn an_error_comes_through() {
    let frames = stream::iter([Err::<Frame<Bytes>, _>("broken")]);
    let mut body = StreamBody::new(frames).in_context(context("a"));
    assert_eq!(finish(body.frame()).unwrap().unwrap_err(), "broken");
}

#[test]
fn never_polled_it_is_dropped_in_its_context() {
    let log = Log::default();
    drop(Parts::new(&log).in_context(context("a")));
    drop(context("b").sync_scope(|| Parts::new(&log).in_current_context()));
    drop(BodyInContext::new(context("c"), Parts::new(&log)));
    assert_eq!(log.take(), ["drop in a", "drop in b", "drop in c"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn try_in_current_context_carries_inside_and_drops_the_body_outside() {
    let log = Log::default();
    let inside = context("a").sync_scope(|| Parts::new(&log).try_in_current_context());
    drop(inside.unwrap());
    assert!(Parts::new(&log).try_in_current_context().is_err());
    assert_eq!(log.take(), ["drop in a", "drop in nowhere"]);
}

#[test]
fn a_panic_while_polled_restores() {
    let frames =
        stream::poll_fn(|_| -> Poll<Option<Result<Frame<Bytes>, Infallible>>> { planted_panic() });
    let mut body = StreamBody::new(frames).in_context(context("a"));
    context("b").sync_scope(|| {
        panics_as_planted(|| finish(body.frame()));
        assert_eq!(here(), "b");
    });
}

#[test]
fn its_default_is_in_the_current_context() {
    let (body, current) = context("a").sync_scope(|| {
        let current = RequestContext::current();
        (BodyInContext::<Parts>::default(), current)
    });
    assert_eq!(body.context().unwrap().request_id(), current.request_id());
    let log = body.get_ref().log.clone();
    assert!(body.is_end_stream());
    drop(body);
    assert_eq!(log.take(), ["is_end_stream in a", "drop in a"]);
}

#[test]
fn its_default_outside_every_scope_is_in_none_and_runs_where_it_is_polled() {
    let mut body = BodyInContext::<Parts>::default();
    assert!(body.context().is_none());
    let log = body.get_ref().log.clone();
    assert_eq!(body.size_hint().exact(), Some(0));
    context("a").sync_scope(|| assert!(finish(body.frame()).is_none()));
    drop(body);
    let expected =
        ["size_hint in nowhere", "poll_frame in a", "poll_frame in a", "drop in nowhere"];
    assert_eq!(log.take(), expected);
}

#[test]
fn taken_back_the_inner_body_is_outside_and_not_dropped() {
    let log = Log::default();
    let mut body = Parts::new(&log).in_context(context("a"));
    assert_eq!(body.context().unwrap().request_id().as_str(), "a");
    assert_eq!(body.get_ref().data.len(), 2);
    body.get_mut().data.pop_back();
    assert_eq!(Pin::new(&mut body).get_pin_mut().data.len(), 1);
    let inner = body.into_inner();
    assert_eq!(log.take(), [""; 0]);
    assert_eq!(inner.size_hint().exact(), Some(6));
    drop(inner);
    assert_eq!(log.take(), ["size_hint in nowhere", "drop in nowhere"]);
}
