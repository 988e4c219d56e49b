//! What carries takes the tracing span of the call along, into every call and into the drop.

use crate::support::context;
use crate::support::finish;
use crate::support::panics_as_planted;
use crate::support::planted_panic;
use crate::support::poll_once;
use crate::support::yield_once;
use bytes::Bytes;
use futures::Sink;
use futures::SinkExt;
use futures::Stream;
use futures::StreamExt;
use futures::stream;
use http_body_util::BodyExt;
use http_body_util::StreamBody;
use hyper::body::Body;
use hyper::body::Frame;
use request_context::BodyInContext;
use request_context::ContextBodyExt;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::StreamInContext;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;
use tracing::Span;
use tracing::info_span;
use tracing::span::Id;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::Registry;

type Noted = (&'static str, Option<Id>);

/// The span of each thing that happened, in order.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Noted>>>);

impl Spans {
    fn note(&self, what: &'static str) {
        self.0.lock().unwrap().push((what, Span::current().id()));
    }
}

/// A sink, and a stream since the verb is for those, that writes what is done to it.
struct Noting(Spans);

impl Drop for Noting {
    fn drop(&mut self) {
        self.0.note("drop");
    }
}

impl Stream for Noting {
    type Item = u32;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        self.0.note("next");
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.note("size");
        (0, Some(0))
    }
}

impl Sink<u32> for Noting {
    type Error = Infallible;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.note("ready");
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, _: u32) -> Result<(), Infallible> {
        self.0.note("send");
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.note("flush");
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.note("close");
        Poll::Ready(Ok(()))
    }
}

/// A subscriber for this thread, and a span that it knows.
struct Traced {
    span: Span,
    spans: Spans,
    _subscriber: DefaultGuard,
}

impl Traced {
    fn new() -> Self {
        let subscriber = tracing::subscriber::set_default(Registry::default());
        let span = info_span!("carried");
        assert!(span.id().is_some(), "the subscriber takes spans");
        Self { span, spans: Spans::default(), _subscriber: subscriber }
    }

    fn noting(&self) -> Noting {
        Noting(self.spans.clone())
    }

    /// Carries in the scope "a" and the span.
    fn carried<R>(&self, carry: impl FnOnce() -> R) -> R {
        context("a").sync_scope(|| self.span.in_scope(carry))
    }

    /// Each of `what` was done, and in the span.
    #[track_caller]
    fn were_in_the_span(&self, what: &[&str]) {
        let expected: Vec<_> = what.iter().map(|what| (*what, self.span.id())).collect();
        assert_eq!(std::mem::take(&mut *self.spans.0.lock().unwrap()), expected);
        assert_eq!(Span::current().id(), None, "the span was left");
    }
}

#[test]
fn a_carried_future_is_polled_and_dropped_in_the_span() {
    let traced = Traced::new();
    let noting = traced.noting();
    let carried = traced.carried(|| {
        async move {
            noting.0.note("poll");
            yield_once().await;
            noting.0.note("poll");
        }
        .in_current_context()
    });
    let other = info_span!("other");
    finish(other.in_scope(|| carried));
    traced.were_in_the_span(&["poll", "poll", "drop"]);

    let noting = traced.noting();
    drop(traced.carried(|| async move { drop(noting) }.in_current_context()));
    traced.were_in_the_span(&["drop"]);
}

#[test]
fn a_future_that_is_ready_is_dropped_in_the_span_within_the_poll() {
    let traced = Traced::new();
    let noting = traced.noting();
    let carried = traced.carried(|| {
        std::future::poll_fn(move |_| {
            noting.0.note("poll");
            Poll::Ready(())
        })
        .in_current_context()
    });
    let mut carried = Box::pin(carried);
    assert!(poll_once(carried.as_mut()).is_ready());
    traced.were_in_the_span(&["poll", "drop"]);
}

#[test]
fn a_carried_stream_is_asked_polled_and_dropped_in_the_span() {
    let traced = Traced::new();
    let mut stream = traced.carried(|| traced.noting().in_current_context());
    assert_eq!(stream.size_hint(), (0, Some(0)));
    assert_eq!(finish(stream.next()), None);
    drop(stream);
    traced.were_in_the_span(&["size", "next", "drop"]);
}

#[test]
fn a_carried_sink_is_fed_and_dropped_in_the_span() {
    let traced = Traced::new();
    let mut sink = traced.carried(|| traced.noting().in_current_context());
    finish(sink.send(1)).unwrap();
    finish(sink.close()).unwrap();
    drop(sink);
    traced.were_in_the_span(&["ready", "send", "flush", "close", "drop"]);
}

#[test]
fn a_sink_that_is_no_stream_is_carried_by_its_adapter() {
    let traced = Traced::new();
    let mut sink = traced.carried(|| StreamInContext::carry(traced.noting()));
    assert_eq!(sink.context().request_id().as_str(), "a");
    finish(sink.send(1)).unwrap();
    drop(sink);
    traced.were_in_the_span(&["ready", "send", "flush", "drop"]);
    assert!(StreamInContext::try_carry(traced.noting()).is_err());
}

#[test]
fn a_carried_body_is_asked_polled_and_dropped_in_the_span() {
    let traced = Traced::new();
    let noting = traced.noting();
    let frames = stream::poll_fn(move |_| {
        noting.0.note("frame");
        Poll::Ready(None::<Result<Frame<Bytes>, Infallible>>)
    });
    let mut body = traced.carried(|| ContextBodyExt::in_current_context(StreamBody::new(frames)));
    assert!(!body.is_end_stream());
    assert!(finish(body.frame()).is_none());
    drop(body);
    traced.were_in_the_span(&["frame", "drop"]);
}

#[test]
fn the_default_of_a_body_takes_the_span_along() {
    struct Made(Option<Id>);
    impl Default for Made {
        fn default() -> Self {
            Self(Span::current().id())
        }
    }
    impl Drop for Made {
        fn drop(&mut self) {
            assert_eq!(Span::current().id(), self.0);
        }
    }
    let traced = Traced::new();
    let body = traced.carried(BodyInContext::<Made>::default);
    assert_eq!(body.get_ref().0, traced.span.id());
    drop(body);
}

#[test]
fn a_carried_closure_runs_and_is_dropped_in_the_span() {
    let traced = Traced::new();
    let noting = traced.noting();
    traced.carried(|| carry(move || noting.0.note("call")))();
    traced.were_in_the_span(&["call", "drop"]);

    let noting = traced.noting();
    drop(traced.carried(|| carry(move || drop(noting))));
    traced.were_in_the_span(&["drop"]);

    let noting = traced.noting();
    let mut many_mut = traced.carried(|| carry_mut(move |()| noting.0.note("call")));
    many_mut(());
    drop(many_mut);
    traced.were_in_the_span(&["call", "drop"]);

    let noting = traced.noting();
    let many = traced.carried(|| carry_fn(move |()| noting.0.note("call")));
    many(());
    drop(many);
    traced.were_in_the_span(&["call", "drop"]);
}

#[test]
fn a_span_is_captured_at_the_call_and_wins_over_the_one_it_is_polled_in() {
    let traced = Traced::new();
    let carried = traced.carried(|| async { Span::current().id() }.in_current_context());
    let other = info_span!("other");
    let seen = other.in_scope(|| context("b").sync_scope(|| finish(carried)));
    assert_eq!(seen, traced.span.id());
    assert_ne!(seen, other.id());
}

#[test]
fn a_panic_leaves_the_span() {
    let traced = Traced::new();
    let carried = traced.carried(|| carry(|| planted_panic()));
    panics_as_planted(carried);
    assert_eq!(Span::current().id(), None);
    let carried = traced.carried(|| async { planted_panic() }.in_current_context());
    panics_as_planted(|| finish(carried));
    assert_eq!(Span::current().id(), None);
}

#[test]
fn what_is_given_a_context_explicitly_takes_no_span() {
    let traced = Traced::new();
    let (future, stream, body) = traced.carried(|| {
        let future = async { Span::current().id() }.in_context(context("a"));
        let ids = stream::repeat_with(|| Span::current().id()).take(1);
        let stream = StreamInContext::new(context("a"), ids);
        let frames = stream::iter([()]).map(|()| {
            assert_eq!(Span::current().id(), None);
            Ok::<_, Infallible>(Frame::data(Bytes::new()))
        });
        (future, stream, BodyInContext::new(context("a"), StreamBody::new(frames)))
    });
    assert_eq!(finish(future), None);
    assert_eq!(finish(stream.collect::<Vec<_>>()), [None]);
    finish(body.collect()).unwrap();
}

#[test]
fn what_is_given_a_context_explicitly_stays_in_the_span_it_is_polled_in() {
    let traced = Traced::new();
    let future = async { Span::current().id() }.in_context(context("a"));
    let seen = traced.span.in_scope(|| finish(future));
    assert_eq!(seen, traced.span.id());
}
