//! A sink is asked, fed, flushed, closed and dropped in its context.

use crate::support::Log;
use crate::support::context;
use crate::support::finish;
use crate::support::here;
use crate::support::panics_as_planted;
use crate::support::planted_panic;
use futures::Sink;
use futures::SinkExt;
use futures::Stream;
use futures::StreamExt;
use request_context::ContextStreamExt;
use request_context::StreamInContext;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use tokio_test::assert_ready_ok;
use tokio_test::task;

/// Takes everything, gives it back as a stream, and writes what is done to it.
#[derive(Debug)]
struct Echo {
    log: Log,
    items: Vec<u32>,
}

impl Echo {
    fn new(log: &Log) -> Self {
        Self { log: log.clone(), items: Vec::new() }
    }
}

impl Sink<u32> for Echo {
    type Error = Infallible;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.log.note("poll_ready");
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, item: u32) -> Result<(), Infallible> {
        self.log.note("start_send");
        self.items.push(item);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.log.note("poll_flush");
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.log.note("poll_close");
        Poll::Ready(Ok(()))
    }
}

impl Stream for Echo {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        self.log.note("poll_next");
        Poll::Ready(self.items.pop())
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.log.note("drop");
    }
}

#[test]
fn every_call_reaches_the_sink_in_its_context() {
    let log = Log::default();
    let mut sink = task::spawn(StreamInContext::new(context("a"), Echo::new(&log)));
    context("b").sync_scope(|| {
        assert_ready_ok!(sink.enter(|cx, sink| sink.poll_ready(cx)));
        sink.enter(|_, sink| sink.start_send(7)).unwrap();
        assert_ready_ok!(sink.enter(|cx, sink| sink.poll_flush(cx)));
        assert_ready_ok!(sink.enter(|cx, sink| sink.poll_close(cx)));
        assert_eq!(sink.get_ref().items, [7]);
        drop(sink);
        assert_eq!(here(), "b");
    });
    let expected =
        ["poll_ready in a", "start_send in a", "poll_flush in a", "poll_close in a", "drop in a"];
    assert_eq!(log.take(), expected);
    assert_eq!(here(), "nowhere");
}

#[test]
fn what_is_both_a_stream_and_a_sink_stays_both() {
    let log = Log::default();
    let mut both = context("a").sync_scope(|| Echo::new(&log).in_current_context());
    let back = finish(async {
        both.send(1).await.unwrap();
        both.send(2).await.unwrap();
        (both.next().await, both.next().await, both.next().await)
    });
    assert_eq!(back, (Some(2), Some(1), None));
    drop(both);
    assert!(log.take().iter().all(|line| line.ends_with(" in a")));
}

#[test]
fn split_in_two_halves_each_half_stays_in_the_context() {
    let log = Log::default();
    let (mut sink, mut stream) = Echo::new(&log).in_context(context("a")).split();
    finish(async {
        sink.send(1).await.unwrap();
        assert_eq!(stream.next().await, Some(1));
    });
    drop((sink, stream));
    let log = log.take();
    assert!(log.iter().all(|line| line.ends_with(" in a")), "{log:?}");
    assert_eq!(log.last().unwrap(), "drop in a");
}

#[test]
fn a_panic_in_start_send_restores() {
    let panicking = futures::sink::unfold((), |(), _: u32| async { planted_panic() });
    let panicking = Box::pin(panicking.sink_map_err(|error: Infallible| error));
    let mut sink = StreamInContext::new(context("a"), panicking);
    context("b").sync_scope(|| {
        panics_as_planted(|| finish(sink.send(1)));
        assert_eq!(here(), "b");
    });
}
